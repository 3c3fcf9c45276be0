"""Keys, signatures, appearance and verification of signed papers (chữ ký số)."""
