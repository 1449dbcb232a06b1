#!/bin/sh
# Makes lp-math.woff2 of latinmodern-math.otf (Debian: fonts-lmodern), with fonttools and brotli from PyPI:
#   sh subset.sh /usr/share/texmf/fonts/opentype/public/lm-math/latinmodern-math.otf
# The characters that formulas of ours hold; the table MATH stays, the forms for scripts go, to keep it below 100 kB.
set -e
pyftsubset "$1" --flavor=woff2 --output-file=lp-math.woff2 --layout-features= --name-IDs=0,5,13,14 --notdef-outline \
  --no-hinting --unicodes="\
U+20-7E,U+A3,U+A7,U+AC,U+AF,U+B0,U+B1,U+B4,U+B5,U+B7,U+D7,U+F7,U+131,U+237,U+2C6,U+2C7,U+2D8-2DA,U+2DC,U+302,U\
+303,U+305,U+332,U+391-3A9,U+3B1-3C9,U+3D1,U+3D5,U+3D6,U+3F0,U+3F1,U+3F5,U+2013,U+2014,U+2016,U+2018-201D,U+20\
20-2022,U+2026,U+2032-2034,U+2044,U+2061,U+20D7,U+20AC,U+2102,U+210B-210F,U+2110-2113,U+2115,U+2118-211D,U+212\
4,U+2127,U+2128,U+212C,U+212D,U+2130,U+2131,U+2133-2138,U+2190-2199,U+219B,U+21A6,U+21A9,U+21AA,U+21BC-21CC,U+\
21D0-21D5,U+21DB,U+2200-220D,U+220F-2223,U+2225-2237,U+223C,U+2241,U+2243,U+2245,U+2248,U+2250,U+2254,U+2260-2\
26B,U+226E-2271,U+227A,U+227B,U+2282-228B,U+228E,U+2291-2299,U+22A2-22A5,U+22A7,U+22A8,U+22A9,U+22AD,U+22B2-22\
B5,U+22C0-22C8,U+22EE-22F1,U+2308-230B,U+23B4,U+23B5,U+23DE,U+23DF,U+25A1,U+25B3,U+25B5,U+25B9,U+25BD,U+25C3,U\
+25CB,U+27C2,U+27E8,U+27E9,U+27F5-27FA,U+27FC,U+2A00-2A02,U+2A0C,U+2A3F,U+2A7D,U+2A7E,U+2AAF,U+2AB0,U+1D400-1D\
433,U+1D434-1D467,U+1D468-1D49B,U+1D49C-1D4B5,U+1D504-1D537,U+1D538-1D550,U+1D6A4,U+1D6A5,U+1D6A8-1D6DA,U+1D6E\
2-1D71B,U+1D71C-1D755,U+1D7CE-1D7D7,U+1D7D9\
"
python3 - <<'END'
from fontTools.ttLib import TTFont
font = TTFont('lp-math.woff2')
for number, name in ((1, 'LP Math'), (2, 'Regular'), (3, 'LP Math'), (4, 'LP Math'), (6, 'LPMath')):
    font['name'].setName(name, number, 3, 1, 0x409)
    font['name'].setName(name, number, 1, 0, 0)
font.save('lp-math.woff2')
END
