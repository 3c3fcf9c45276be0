"""What is true without any machine: values, rules, errors. No I/O, no clock, no Prefect."""
