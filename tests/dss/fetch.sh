#!/usr/bin/env bash
# Fetch the EU's DSS validator (pinned in pom.xml) into .cache/dss, which git ignores, and
# compile Judge.java against it. Needs a Java runtime and Maven:
# apt-get install -y --no-install-recommends default-jre-headless maven
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
cache="$(cd "$here/../.." && pwd)/.cache/dss"
wanted="$(sha256sum "$here/pom.xml" "$here/Judge.java" | cut -d' ' -f1 | tr '\n' ' ')"

mkdir -p "$cache"
if [ "$(cat "$cache/ready" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$cache"/*.jar "$cache/ready" "$cache/classes"
    mvn -q -B -f "$here/pom.xml" \
        org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies \
        -DoutputDirectory="$cache"
    classpath="$(printf '%s:' "$cache"/*.jar)"
    java -jar "$cache"/ecj-*.jar -17 -nowarn -d "$cache/classes" -cp "$classpath" "$here/Judge.java"
    printf '%s' "$wanted" >"$cache/ready"
fi
ls "$cache"/classes/Judge.class
