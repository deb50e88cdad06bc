#!/usr/bin/env bash
# smoke_test.sh FOLDER: does the bundle in FOLDER work on its own? It runs from a copy outside the source
# tree, with an empty home and none of our environment.
set -eu
bundle=$(cd "$1" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cp -a "$bundle" "$place/bundle"
mkdir "$place/home"
cd "$place/home"

run() {
    echo "smoke test: mnist-gui $*"
    env -i HOME="$place/home" PATH=/usr/bin:/bin LANG=C.UTF-8 "$place/bundle/mnist-gui" "$@"
}
run --version
run --help >/dev/null
run --self-test
echo "smoke test: passed"
