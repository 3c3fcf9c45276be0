#!/usr/bin/env bash
# Fetch veraPDF by its Maven coordinates into .cache/verapdf (which git ignores).
# Needs Java and Maven: apt-get install -y --no-install-recommends default-jre-headless maven
set -euo pipefail

artifact=org.verapdf.apps:greenfield-apps:1.28.2
cache="$(cd "$(dirname "$0")/../.." && pwd)/.cache/verapdf"

mkdir -p "$cache"
if ! compgen -G "$cache/greenfield-apps-*.jar" >/dev/null; then
    cd "$cache" # Maven looks for a project where it is started; there is none here
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:2.8:copy \
        -Dartifact="$artifact" -DoutputDirectory="$cache"
fi
ls "$cache"/greenfield-apps-*.jar
