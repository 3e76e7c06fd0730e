#!/usr/bin/env bash
# Makes the peers of the interoperability tests: Spark with Delta, and delta-rs, in one Python environment.
# Prints the environment's Python. Does nothing, and needs no network, when the same versions are there already.
# The folder is ALLUVIUM_INTEROP_HOME, else ~/.cache/alluvium-interop (about 1 GB, a few minutes the first time).
set -euo pipefail

pyspark=4.2.0 delta=4.4.0 deltars=1.6.6 pyarrow=26.0.1
home=${ALLUVIUM_INTEROP_HOME:-$HOME/.cache/alluvium-interop}
name="pyspark-$pyspark-delta-$delta-deltars-$deltars-pyarrow-$pyarrow"
environment="$home/$name"

mkdir -p "$home"
# Two runs at once share the folder: the second waits for the first.
exec 9> "$home/setup.lock"
flock 9
if [ -e "$environment/.ready" ]; then
  echo "$environment/bin/python"
  exit 0
fi

say() { echo "interop setup: $*" >&2; }
apt_install() {
  [ "$(id -u)" = 0 ] || { say "please install: $*"; exit 1; }
  say "installing $*"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >&2
}
java_major() { java -version 2>&1 | sed -nE '1s/.*version "([0-9]+).*/\1/p'; }

# Spark 4 runs on Java 17 and later.
[ "$( (java_major || true) 2> /dev/null)" -ge 17 ] 2> /dev/null || apt_install openjdk-17-jre-headless
command -v mvn > /dev/null || apt_install maven
python3 -c 'import venv, ensurepip' 2> /dev/null || apt_install python3 python3-venv

rm -rf "$environment"
say "making $environment"
python3 -m venv "$environment"
"$environment/bin/pip" -q --disable-pip-version-check install \
  "pyspark==$pyspark" "deltalake==$deltars" "pyarrow==$pyarrow" >&2

# Delta's jars go into Spark's own folder, so that no session resolves them from the network.
jars=$("$environment/bin/python" -c 'import os, pyspark; print(os.path.join(os.path.dirname(pyspark.__file__), "jars"))')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/pom.xml" << POM
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>alluvium</groupId><artifactId>interop</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.delta</groupId><artifactId>delta-spark_4.2_2.13</artifactId><version>$delta</version>
    </dependency>
  </dependencies>
</project>
POM
say "fetching the jars of Delta $delta"
(cd "$work" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$work/jars") >&2
cp "$work"/jars/delta-*.jar "$work"/jars/unitycatalog-*.jar "$jars/"

touch "$environment/.ready"
echo "$environment/bin/python"
