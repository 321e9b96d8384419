import Testing

@testable import MailFormat

@Suite struct HTMLReplyTests {
    /// A reply in HTML as a program writes it, with what leaves and what leaves signed.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let html: String
        var commands: [String] = []
        let own: String
        let leaves: String
        let signed: String
        var testDescription: String { name }
    }

    static let block = #"<div style="margin-top: 1em">Agent One</div>"# + "\n"

    static let rows: [Row] = [
        Row(
            name: "Thunderbird, English", html: """
                <!DOCTYPE html>
                <html>
                  <head>
                    <meta http-equiv="content-type" content="text/html; charset=UTF-8">
                    <style>p:before { content: "</p>#close" }</style>
                  </head>
                  <body>
                    <p>#take<br>
                      #tag refund</p>
                    <p>Hello Jan,<br>
                    </p>
                    <p>it is on its way.<br>
                    </p>
                    <div class="moz-cite-prefix">On 25.11.2026 21:37, Jan Kowalski wrote:<br>
                    </div>
                    <blockquote type="cite" cite="mid:1@customer.example">
                      <p>#close</p>
                      <blockquote type="cite">deeper</blockquote>
                    </blockquote>
                  </body>
                </html>
                """,
            commands: ["#take", "#tag refund"], own: "Hello Jan,\nit is on its way.",
            leaves: """
                <!DOCTYPE html>
                <html>
                  <head>
                    <meta http-equiv="content-type" content="text/html; charset=UTF-8">
                    <style>p:before { content: "</p>#close" }</style>
                  </head>
                  <body>
                   \u{20}
                    <p>Hello Jan,<br>
                    </p>
                    <p>it is on its way.<br>
                    </p>
                    <div class="moz-cite-prefix">On 25.11.2026 21:37, Jan Kowalski wrote:<br>
                    </div>
                    <blockquote type="cite" cite="mid:1@customer.example">
                      <p>#close</p>
                      <blockquote type="cite">deeper</blockquote>
                    </blockquote>
                  </body>
                </html>
                """,
            signed: """
                <!DOCTYPE html>
                <html>
                  <head>
                    <meta http-equiv="content-type" content="text/html; charset=UTF-8">
                    <style>p:before { content: "</p>#close" }</style>
                  </head>
                  <body>
                   \u{20}
                    <p>Hello Jan,<br>
                    </p>
                    <p>it is on its way.<br>
                    </p>\(block)
                    <div class="moz-cite-prefix">On 25.11.2026 21:37, Jan Kowalski wrote:<br>
                    </div>
                    <blockquote type="cite" cite="mid:1@customer.example">
                      <p>#close</p>
                      <blockquote type="cite">deeper</blockquote>
                    </blockquote>
                  </body>
                </html>
                """),
        Row(
            name: "Thunderbird, reply below, with a signature of its own",
            html: #"<body><div class="moz-cite-prefix">W dniu 25.11.2026 o 21:37, Jan pisze:<br></div><blockquote type="cite"><p>Gdzie?</p></blockquote><p>#zamknij</p><p>W drodze.</p><pre class="moz-signature" cols="72">-- "# + "\nAgent</pre></body>",
            commands: ["#zamknij"], own: "W drodze.",
            leaves: #"<body><div class="moz-cite-prefix">W dniu 25.11.2026 o 21:37, Jan pisze:<br></div><blockquote type="cite"><p>Gdzie?</p></blockquote><p>W drodze.</p><pre class="moz-signature" cols="72">-- "# + "\nAgent</pre></body>",
            signed: #"<body><div class="moz-cite-prefix">W dniu 25.11.2026 o 21:37, Jan pisze:<br></div><blockquote type="cite"><p>Gdzie?</p></blockquote><p>W drodze.</p>"# + block
                + #"<pre class="moz-signature" cols="72">-- "# + "\nAgent</pre></body>"),
        Row(
            name: "K-9",
            html: #"<!DOCTYPE html><html><head></head><body>#close<br><br>On its way.<br><br><div class="gmail_quote">On November 25, 2026 9:37:12 PM GMT+01:00, Jan &lt;jan@customer.example&gt; wrote:<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex;">#tag evil</blockquote></div></body></html>"#,
            commands: ["#close"], own: "On its way.",
            leaves: #"<!DOCTYPE html><html><head></head><body>On its way.<br><br><div class="gmail_quote">On November 25, 2026 9:37:12 PM GMT+01:00, Jan &lt;jan@customer.example&gt; wrote:<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex;">#tag evil</blockquote></div></body></html>"#,
            signed: #"<!DOCTYPE html><html><head></head><body>On its way.<br>"# + block + #"<br><div class="gmail_quote">On November 25, 2026 9:37:12 PM GMT+01:00, Jan &lt;jan@customer.example&gt; wrote:<blockquote class="gmail_quote" style="margin: 0pt 0pt 0pt 0.8ex;">#tag evil</blockquote></div></body></html>"#),
        Row(
            name: "Gmail",
            html: #"<div dir="ltr">#Close<div><br></div><div>On its way.</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">śr., 25 lis 2026 o 21:37 Jan napisał(a):<br></div><blockquote class="gmail_quote">Where?</blockquote></div>"#,
            commands: ["#Close"], own: "On its way.",
            leaves: #"<div dir="ltr"><div>On its way.</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">śr., 25 lis 2026 o 21:37 Jan napisał(a):<br></div><blockquote class="gmail_quote">Where?</blockquote></div>"#,
            signed: #"<div dir="ltr"><div>On its way.</div></div>"# + block + #"<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">śr., 25 lis 2026 o 21:37 Jan napisał(a):<br></div><blockquote class="gmail_quote">Where?</blockquote></div>"#),
        Row(
            name: "iOS",
            html: #"<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">#take<div><br></div><div>On its way.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 25 Nov 2026, at 21:37, Jan wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Where?</div></blockquote></div></body></html>"#,
            commands: ["#take"], own: "On its way.\nSent from my iPhone",
            leaves: #"<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto"><div>On its way.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 25 Nov 2026, at 21:37, Jan wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Where?</div></blockquote></div></body></html>"#,
            signed: #"<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto"><div>On its way.<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent from my iPhone</div>"# + block + #"<div dir="ltr"><br><blockquote type="cite">On 25 Nov 2026, at 21:37, Jan wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">Where?</div></blockquote></div></body></html>"#),
        Row(
            name: "Apple Mail",
            html: #"<html><body style="overflow-wrap: break-word;"><div>#close</div>On its way.<br><div><br><blockquote type="cite"><div>Wiadomość napisana przez Jan w dniu 25.11.2026, o godz. 21:37:</div><br class="Apple-interchange-newline"><div>Where?</div></blockquote></div><br></body></html>"#,
            commands: ["#close"], own: "On its way.",
            leaves: #"<html><body style="overflow-wrap: break-word;">On its way.<br><div><br><blockquote type="cite"><div>Wiadomość napisana przez Jan w dniu 25.11.2026, o godz. 21:37:</div><br class="Apple-interchange-newline"><div>Where?</div></blockquote></div><br></body></html>"#,
            signed: #"<html><body style="overflow-wrap: break-word;">On its way.<br>"# + block + #"<div><br><blockquote type="cite"><div>Wiadomość napisana przez Jan w dniu 25.11.2026, o godz. 21:37:</div><br class="Apple-interchange-newline"><div>Where?</div></blockquote></div><br></body></html>"#),
        Row(
            name: "Outlook for Windows",
            html: #"<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">#assign agent2<o:p></o:p></p><p class="MsoNormal"><span style="font-size:11pt">#tag <b>refund</b></span><o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">On its way.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>From:</b> Jan &lt;jan@customer.example&gt;<br><b>Sent:</b> Wednesday, November 25, 2026 9:37 PM<br><b>To:</b> help@acme.example<br><b>Subject:</b> parcel<o:p></o:p></p></div></div><p class="MsoNormal">#close<o:p></o:p></p></div></body></html>"#,
            commands: ["#assign agent2", "#tag refund"], own: "On its way.",
            leaves: #"<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">On its way.<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>From:</b> Jan &lt;jan@customer.example&gt;<br><b>Sent:</b> Wednesday, November 25, 2026 9:37 PM<br><b>To:</b> help@acme.example<br><b>Subject:</b> parcel<o:p></o:p></p></div></div><p class="MsoNormal">#close<o:p></o:p></p></div></body></html>"#,
            signed: #"<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">On its way.<o:p></o:p></p>"# + block + #"<p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal"><b>From:</b> Jan &lt;jan@customer.example&gt;<br><b>Sent:</b> Wednesday, November 25, 2026 9:37 PM<br><b>To:</b> help@acme.example<br><b>Subject:</b> parcel<o:p></o:p></p></div></div><p class="MsoNormal">#close<o:p></o:p></p></div></body></html>"#),
        Row(
            name: "Outlook on the web",
            html: #"<html><body dir="ltr"><div class="elementToProof">#forward <a href="mailto:ann@firm.example">ann@firm.example</a></div><div class="elementToProof">On its way.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>Od:</b> Jan<br><b>Wysłano:</b> środa</font><div>&nbsp;</div></div><div>#close</div></body></html>"#,
            commands: ["#forward ann@firm.example"], own: "On its way.",
            leaves: #"<html><body dir="ltr"><div class="elementToProof">On its way.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>Od:</b> Jan<br><b>Wysłano:</b> środa</font><div>&nbsp;</div></div><div>#close</div></body></html>"#,
            signed: #"<html><body dir="ltr"><div class="elementToProof">On its way.</div>"# + block + #"<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>Od:</b> Jan<br><b>Wysłano:</b> środa</font><div>&nbsp;</div></div><div>#close</div></body></html>"#),
        Row(
            name: "Roundcube",
            html: #"<div>#done</div><div>On its way.</div><p id="reply-intro">W dniu 2026-11-25 21:37, Jan napisał(a):</p><blockquote type="cite" style="padding: 0 0.4em">Where?</blockquote><div>#tag x</div><div>Bye</div>"#,
            commands: ["#done", "#tag x"], own: "On its way.\n\nBye",
            leaves: #"<div>On its way.</div><p id="reply-intro">W dniu 2026-11-25 21:37, Jan napisał(a):</p><blockquote type="cite" style="padding: 0 0.4em">Where?</blockquote><div>Bye</div>"#,
            signed: #"<div>On its way.</div><p id="reply-intro">W dniu 2026-11-25 21:37, Jan napisał(a):</p><blockquote type="cite" style="padding: 0 0.4em">Where?</blockquote><div>Bye</div>"# + block),
        Row(
            name: "a quotation without marks of its own after an announcement",
            html: #"<p>Hello</p><p>On 25 Nov 2026 at 21:37, Jan wrote:</p><blockquote><p>#close</p></blockquote><p>Bye</p>"#,
            own: "Hello\n\nBye", leaves: #"<p>Hello</p><p>On 25 Nov 2026 at 21:37, Jan wrote:</p><blockquote><p>#close</p></blockquote><p>Bye</p>"#,
            signed: #"<p>Hello</p><p>On 25 Nov 2026 at 21:37, Jan wrote:</p><blockquote><p>#close</p></blockquote><p>Bye</p>"# + block),
        Row(
            name: "text set in by hand",
            html: #"<p>Hello</p><blockquote style="margin: 0 0 0 40px; border: none; padding: 0px;"><div>an offer</div></blockquote><blockquote><p>another</p></blockquote>"#,
            own: "Hello\nan offer\nanother",
            leaves: #"<p>Hello</p><blockquote style="margin: 0 0 0 40px; border: none; padding: 0px;"><div>an offer</div></blockquote><blockquote><p>another</p></blockquote>"#,
            signed: #"<p>Hello</p><blockquote style="margin: 0 0 0 40px; border: none; padding: 0px;"><div>an offer</div></blockquote><blockquote><p>another</p></blockquote>"# + block),
        Row(
            name: "the last words in a list within a table",
            html: "<body><table><tr><td><ul><li>one<li>two</ul></td></tr></table><blockquote type=cite>x</blockquote></body>",
            own: "one\ntwo", leaves: "<body><table><tr><td><ul><li>one<li>two</ul></td></tr></table><blockquote type=cite>x</blockquote></body>",
            signed: "<body><table><tr><td><ul><li>one<li>two</ul></td></tr></table>" + block + "<blockquote type=cite>x</blockquote></body>"),
        Row(
            name: "a span around everything", html: "<span>Hello<br>Bye<br><blockquote type=cite>x</blockquote></span>", own: "Hello\nBye",
            leaves: "<span>Hello<br>Bye<br><blockquote type=cite>x</blockquote></span>",
            signed: "<span>Hello<br>Bye<br>" + block + "<blockquote type=cite>x</blockquote></span>"),
        Row(
            name: "preformatted text", html: "<pre>#close\n\nHello &amp; bye\n</pre>", commands: ["#close"], own: "Hello & bye",
            leaves: "<pre>Hello &amp; bye\n</pre>", signed: "<pre>Hello &amp; bye\n</pre>" + block),
        Row(
            name: "spaces, comments and tags around a command",
            html: "<body><!-- > --><div> <span>&nbsp;<b>#</b>&#32;<font color=red>close</font>&nbsp;</span><!--x--> </div>\n<div>&nbsp;</div><p>Hello</p></body>",
            commands: ["#\u{20}close"], own: "Hello", leaves: "<body><!-- > -->\n<p>Hello</p></body>", signed: "<body><!-- > -->\n<p>Hello</p>" + block + "</body>"),
        Row(
            name: "signed already", html: "<p>Hello</p><div><span>Agent</span> <b>One</b></div><blockquote type=cite>Agent One</blockquote>",
            own: "Hello\nAgent One", leaves: "<p>Hello</p><div><span>Agent</span> <b>One</b></div><blockquote type=cite>Agent One</blockquote>",
            signed: "<p>Hello</p><div><span>Agent</span> <b>One</b></div><blockquote type=cite>Agent One</blockquote>"),
        Row(
            name: "two signs", html: "<div>##1 &lt; 2</div><div>##x</div>", own: "#1 < 2\n#x", leaves: "<div>#1 &lt; 2</div><div>#x</div>",
            signed: "<div>#1 &lt; 2</div><div>#x</div>" + block),
        Row(
            name: "nothing but a forward",
            html: #"<html><body><div class="moz-forward-container"><br><br>-------- Forwarded Message --------<p>#close</p></div></body></html>"#, own: "",
            leaves: #"<html><body><div class="moz-forward-container"><br><br>-------- Forwarded Message --------<p>#close</p></div></body></html>"#,
            signed: #"<html><body>"# + block + #"<div class="moz-forward-container"><br><br>-------- Forwarded Message --------<p>#close</p></div></body></html>"#),
    ]

    @Test(arguments: rows) func `commands are found, and cut out with nothing else`(row: Row) throws {
        let mail = SubmittedMail.html(row.html)
        let text = try mail.read()
        #expect(text.commands.map(\.text) == row.commands)
        #expect(text.ownText == row.own)
        #expect(try mail.changed().text == row.leaves)
    }

    @Test(arguments: rows) func `a signature stands below the agent's text, once`(row: Row) throws {
        let mail = SubmittedMail.html(row.html)
        let signed = try mail.changed(PlainReplyTests.signature)
        #expect(signed.text == row.signed)
        if !row.html.contains("##") { #expect(try signed.changed(PlainReplyTests.signature).text == row.signed) }
    }

    /// What a customer's HTML can hold to seem to end the quotation that it is in.
    static let escapes = [
        "<!-- </blockquote> -->", "<!--> </blockquote><!-- -->", "<style></blockquote></style>", "<title></blockquote></title>",
        "<textarea></blockquote></textarea>", "<script>'</blockquote>'</script>", "<p title='</blockquote>'>", "<p title=\"</blockquote>\">",
        "<p title=</blockquote>", "<xmp></blockquote></xmp>", "<b><div></b></div>", "<table><tr><td></blockquote></td></tr></table>",
        "<svg></blockquote></svg>", "</ blockquote>", "<![CDATA[</blockquote >", "<template></blockquote></template>", "</blockquotes>",
    ]

    @Test(arguments: escapes) func `a customer's HTML does not end the quotation around it`(inner: String) throws {
        guard !["<!--> ", "<svg>", "<![CDATA[", "<template>"].contains(where: { inner.hasPrefix($0) }) else {
            // These do end it, in a browser, too: no browser writes them so, and the command below a quotation is told apart.
            let text = try SubmittedMail.html("<blockquote type=cite>\(inner)<div>#close</div></blockquote>").read()
            #expect(text.commands.allSatisfy { $0.followsQuotation })
            return
        }
        let text = try SubmittedMail.html("<div>Hello</div><blockquote type=cite>\(inner)<div>#close</div></blockquote>").read()
        #expect(text.commands == [])
        #expect(text.ownText == "Hello")
    }

    @Test func `a command below a quotation is told apart`() throws {
        let text = try SubmittedMail.html("<blockquote type=cite>x</blockquote><p>#close</p>").read()
        #expect(text.commands == [CommandLine(text: "#close", followsQuotation: true, isSetApart: true)])
    }
}
