/// What is known of the elements of HTML by name.
enum HTMLElements {
    private static let voids: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    ]
    /// Those that begin and end a line.
    private static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dir", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
        "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
        "tr", "ul",
    ]
    private static let tables: Set<String> = ["table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption"]
    /// What a search for the element to close does not leave (§13.2.4.2).
    private static let scopes: Set<String> = ["html", "table", "td", "th", "caption", "template", "object", "marquee", "svg", "math"]
    private static let hidden: Set<String> = ["head", "template", "svg", "math", "object", "select", "audio", "video", "noframes"]
    /// Stand in a line as a letter does.
    private static let objects: Set<String> = ["img", "input", "embed", "button", "object", "svg", "video", "iframe", "hr"]
    /// Between what they hold, text of ours may stand.
    private static let containers: Set<String> = ["html", "body", "div", "section", "article", "main", "center", "form"]

    static func isVoid(_ name: String) -> Bool { voids.contains(name) }
    static func isBlock(_ name: String) -> Bool { blocks.contains(name) }
    static func isTable(_ name: String) -> Bool { tables.contains(name) }
    static func isScope(_ name: String) -> Bool { scopes.contains(name) }
    static func isHidden(_ name: String) -> Bool { hidden.contains(name) }
    static func isObject(_ name: String) -> Bool { objects.contains(name) }
    static func isContainer(_ name: String) -> Bool { containers.contains(name) }
    /// May go when nothing is left in them: paragraphs and what is within a line.
    static func isRemovable(_ name: String) -> Bool { name == "div" || name == "p" || !isBlock(name) && !isObject(name) && !isHidden(name) }
    /// Which elements carry the marks of mail programs.
    static func mayBeQuotation(_ name: String) -> Bool {
        ["blockquote", "div", "span", "p", "pre", "table", "section", "hr", "br"].contains(name)
    }
}

/// How mail programs mark quotations and signatures in HTML.
enum HTMLQuotations {
    enum Meaning {
        case quotation
        /// A `blockquote` of no program: set in by hand, or a quotation if its announcement stands before it.
        case looseQuotation
        /// Nothing but the other mail follows.
        case quotationFromHere
        case signature
    }

    /// Gmail (and K-9, which marks as it does), Thunderbird, Yahoo, Proton, Tuta, Zimbra, Outlook for phones, Roundcube.
    private static let quotationClasses: Set<String> = [
        "gmail_quote", "gmail_quote_container", "gmail_attr", "moz-cite-prefix", "moz-forward-container",
        "moz-email-headers-table", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "k9mail-quote",
        "ms-outlook-mobile-reference-message", "outlookmessageheader", "mail_android_quote",
    ]
    private static let quotationIDs: Set<String> = ["mail-editor-reference-message-container", "reply-intro", "origbody"]
    /// Outlook on the web, in Windows and on phones: the header of the other mail, which follows without an element around.
    private static let fromHereIDs: Set<String> = ["divrplyfwdmsg", "appendonsend"]
    private static let signatureClasses: Set<String> = [
        "moz-signature", "gmail_signature", "k9mail-signature", "ms-outlook-mobile-signature", "protonmail_signature_block",
        "applemailsignature",
    ]
    private static let signatureIDs: Set<String> = ["signature", "applemailsignature", "ms-outlook-mobile-signature"]

    static func meaning(of name: String, _ attributes: [String: String]) -> Meaning? {
        let classes = Set((attributes["class"] ?? "").lowercased().split(whereSeparator: \.isWhitespace).map(String.init))
        let id = (attributes["id"] ?? "").lowercased()
        if fromHereIDs.contains(id) { return .quotationFromHere }
        if quotationIDs.contains(id) || !classes.isDisjoint(with: quotationClasses) { return .quotation }
        if signatureIDs.contains(id) || !classes.isDisjoint(with: signatureClasses) { return .signature }
        guard name == "blockquote" else { return nil }
        let style = (attributes["style"] ?? "").lowercased().filter { !$0.isWhitespace }
        // Gmail and Thunderbird set text in with a `blockquote`, too.
        if style.contains("border:none") || attributes.isEmpty { return .looseQuotation }
        return .quotation
    }
}
