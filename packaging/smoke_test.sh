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
printf '[grid]\ntraining.momentum = [0.0, 0.9]\n' >grid.toml
run sweep grid.toml --jobs 2 --set data.train=500 --set data.validation=100 --set training.epochs=1
echo "smoke test: passed"
