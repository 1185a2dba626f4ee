#!/bin/sh
# manifest.sh VERSION HOMEPAGE URL FOLDER: writes the krew manifest of a release to standard output.
# FOLDER has the release's archives, pullmend-VERSION-OS-ARCH.tar.gz, each with the program
# `pullmend` and the licence COPYING at its top; URL is the address of the folder they are served
# from. Checksums are those of the files; a platform without an archive is left out.
set -eu
[ $# -eq 4 ] || { echo "usage: manifest.sh VERSION HOMEPAGE URL FOLDER" >&2; exit 2; }
version=$1 homepage=$2 url=${3%/} folder=$4
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

sed -e "s|@VERSION@|$version|" -e "s|@HOMEPAGE@|$homepage|" "$here/pullmend.yaml.in"
found=0
for platform in linux-amd64 linux-arm64; do
    archive=pullmend-$version-$platform.tar.gz
    [ -f "$folder/$archive" ] || continue
    sum=$(sha256sum "$folder/$archive" | cut -d' ' -f1)
    cat <<END
    - selector:
        matchLabels:
          os: ${platform%-*}
          arch: ${platform#*-}
      uri: $url/$archive
      sha256: $sum
      bin: pullmend
      files:
        - from: pullmend
          to: .
        - from: COPYING
          to: .
END
    found=$((found + 1))
done
[ "$found" -gt 0 ] || { echo "$folder: no archive pullmend-$version-OS-ARCH.tar.gz" >&2; exit 1; }
