#!/bin/sh
# Lần đầu PostgreSQL chạy: hai cơ sở dữ liệu, mỗi cái một tài khoản. Mật khẩu đọc từ tệp.
set -eu
for name in prefect sohoa; do
  password=$(cat "/run/secrets/$name.password")
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$password" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
SQL
done
