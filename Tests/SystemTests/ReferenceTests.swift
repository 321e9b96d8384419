import Foundation
import Testing

/// The same mails in the appliance and in Dovecot, asked the same questions: what IMAP says of a mail is not ours alone to
/// decide, since clients are tried against Dovecot.
@Suite struct ReferenceTests {
    /// One aspect of one mail in which the appliance means to differ, and why. A row that no longer differs fails, too.
    struct Deliberate {
        let mail: String
        let aspects: [String]
        let reason: String
    }

    private static let structure = ["BODY", "BODYSTRUCTURE"]
    private static let originators = ["ENVELOPE from", "ENVELOPE sender", "ENVELOPE reply-to"]

    private static let rows: [(mails: [String], aspects: [String], reason: String)] = [
        (
            ["all fields doubled"], ["ENVELOPE subject", "ENVELOPE date", "ENVELOPE message-id"],
            "of doubled fields the first counts: people see it, and it bears the stamp"
        ),
        (
            ["0046-mail-raw_email_with_binary_encoded", "0049-mail-raw_email_with_multipart_mixed_quoted_boundary"],
            ["ENVELOPE subject"], "of doubled fields the first counts"
        ),
        (
            ["fields folded in odd places", "0159-php-imap-issue-412", "0163-php-imap-multipart_without_body"],
            ["ENVELOPE message-id"], "no white space around a Message-ID"
        ),
        (["0013-mail-bad_date_header", "0015-mail-bad_subject"], ["ENVELOPE date"], "no white space around a date"),
        (["comment names"], ["ENVELOPE cc"], "a comment names the address before it, in angle brackets too"),
        (["an address as a name"], originators, "a display name may look like an address"),
        (["spaces in addresses"], ["ENVELOPE to"], "RFC 5322 §4.4 allows white space around dots and at signs"),
        (["stray commas", "0039-mail-weird_to_header", "0091-mail-example11"], ["ENVELOPE to"],
            "RFC 5322 §4.4 allows empty places in a list"),
        (["empty angle brackets"], originators + ["ENVELOPE cc"], "no address is no address"),
        (["a group in a group", "no quotes around specials", "text after an address", "semicolons for commas"],
            ["ENVELOPE to"], "what follows a mistake is read on"),
        (["two ats"], originators + ["ENVELOPE to"], "what stands before the last at sign is a local part"),
        (["missing closing bracket"], originators + ["ENVELOPE to"], "a forgotten bracket spoils no address"),
        (["missing domain"], ["ENVELOPE to", "ENVELOPE cc"], "what is missing is said to be missing"),
        (["0031-mail-missing_body"], ["ENVELOPE to"], "a colon in a local part spoils no address"),
        (["0065-mail-mix_caps_content_type"], originators, "forgotten brackets spoil no address"),
        (["0073-mail-raw_email_multiple_from"], originators + ["ENVELOPE to"], "forgotten commas spoil no address"),
        (["0079-mail-raw_email_with_at_display_name"], ["ENVELOPE to"], "a display name may hold an at sign"),

        (["unknown type", "empty type", "type without subtype", "0192-cpython-msg_14.txt"], structure,
            "a type that makes no sense is text/plain (RFC 2045 §5.2)"),
        (["parameters without semicolons", "parameters with extra semicolons", "a parameter without a value"], structure,
            "parameters after a mistake are read on"),
        (["unquoted spaces in parameters", "an open quote", "0012-mail-attachment_with_unquoted_name"], structure,
            "file names are often written so"),
        (["extended with unsafe characters"], ["BODYSTRUCTURE"], "file names are often written so"),
        (["extended continuations", "0204-cpython-msg_29.txt"], structure,
            "a plain piece among extended ones is encoded, so that the whole is what its name says"),
        (["0207-cpython-msg_32.txt"], structure, "charset* names a charset"),
        (
            ["0208-cpython-msg_33.txt"], structure + ["BODY[1]", "BODY[1.MIME]", "BODY[2]", "BODY[2.MIME]"],
            "boundary* names a boundary"
        ),
        (["odd encoding", "0020-mail-content_transfer_encoding_qp_with_space"], structure,
            "without the hyphen it is quoted-printable still"),
        (["encoding with semicolon", "0024-mail-content_transfer_encoding_with_semi_colon"], structure,
            "a semicolon after the encoding changes nothing"),
        (["languages"], ["BODYSTRUCTURE"], "white space in a URI comes from folding"),
        (["empty MIME fields"], structure, "an empty field says nothing"),
        (["0032-mail-missing_content_disposition", "0034-mail-multiple_invalid_content_dispositions"], ["BODYSTRUCTURE"],
            "an empty field says nothing"),
        (["doubled MIME fields"], ["BODYSTRUCTURE"], "of doubled fields the first counts"),

        (["empty boundary"], structure + ["BODY[1]", "BODY[1.MIME]"], "an empty boundary is none (RFC 2046 §5.1.1)"),
        (
            ["unquoted odd boundary", "0046-mail-raw_email_with_binary_encoded", "0070-mail-raw_email_bad_time"], structure,
            "a boundary without its quotes is meant whole"
        ),
        (["0047-mail-raw_email_with_illegal_boundary"], structure + ["BODY[3.MIME]"],
            "a boundary without its quotes is meant whole"),
        (["message/global"], structure, "RFC 9051 §7.5.2 shows it as a message"),
        (["0148-mail-mime-parser-m4008.txt"], ["BODY[1]"], "the line end before a boundary belongs to it"),
        (["message parts"], ["BODY[4.HEADER]", "BODY[4.1.MIME]"], "the header section is as long as the size says"),
        (["0004-mail-attachment_message_rfc822_inline_image"], ["BODY[2.HEADER]"],
            "the header section is as long as the size says"),

        (
            ["no empty line"],
            ["BODY[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID REFERENCES RECEIVED CONTENT-TYPE)]"],
            "an extract of fields always ends with an empty line"
        ),
        (["message parts"], ["BODY[4.HEADER.FIELDS (SUBJECT FROM)]"], "an extract of fields always ends with an empty line"),
        (["encoded message"], ["BODY[1.HEADER.FIELDS (SUBJECT FROM)]"], "an extract of fields always ends with an empty line"),
        (["0212-cpython-msg_38.txt"], ["BODY[1]"], "the line end before a boundary belongs to it"),

        (["0085-mail-example04", "0090-mail-example10"], ["SENTSINCE 1-Jan-2006"], "1969 is before 2006"),
        (["0171-php-imap-undefined_charset_header"], ["SUBJECT \"Re\""], "ASCII is ASCII in an unknown charset, too"),
        (["0065-mail-mix_caps_content_type", "0166-php-imap-references"], ["FROM \"a\""], "MISSING_MAILBOX is no address"),
        (["0166-php-imap-references"], ["FROM \"@\""], "MISSING_DOMAIN is no address"),
        (["0193-cpython-msg_15.txt"], ["TO \"a\"", "TO \"@\""], "MISSING_DOMAIN is no address"),
        (["0090-mail-example10"], ["FROM \"a\"", "CC \"a\""], "comments are searched, too"),
        (["0094-mail-utf8_headers"], ["TO \"example\""], "a domain may have letters other than ASCII"),
        (["0070-mail-raw_email_bad_time"], ["SENTSINCE 1-Jan-2006"], "the year 3609 comes after 2006"),
    ]

    static let deliberate = rows.flatMap { row in
        row.mails.map { Deliberate(mail: $0, aspects: row.aspects, reason: row.reason) }
    }

    struct Mail {
        let name: String
        let octets: [UInt8]
    }

    @Test(
        .enabled(if: PrivateDovecot.isAvailable, "dovecot-imapd is not installed"),
        .enabled(if: !Fixtures.corpus.isEmpty, "the collection of mails is not beside this package"))
    func `what is said of real mails is what Dovecot says`() throws {
        let mails = try Fixtures.corpus.map { file in
            Mail(name: file.deletingPathExtension().lastPathComponent, octets: CorpusTests.withCRLF(Array(try Data(contentsOf: file))))
        }
        try compare(mails, searches: Self.searches)
    }

    @Test(.enabled(if: PrivateDovecot.isAvailable, "dovecot-imapd is not installed"))
    func `what is said of odd mails is what Dovecot says`() throws {
        try compare(OddMails.all.map { Mail(name: $0.name, octets: Array($0.text.utf8)) })
    }

    /// Puts all mails into both servers and compares everything; what differs must be in the table, and all of that.
    private func compare(_ mails: [Mail], searches: [String] = []) throws {
        let appliance = try TestInstallation().start()
        let ours = try appliance.imap(as: SampleDesk.agent1)
        let reference = try PrivateDovecot()
        let mailbox = "Private/Reference"
        for (dialogue, name) in [(ours, mailbox), (reference.dialogue, "INBOX")] {
            if name != "INBOX" { #expect(try dialogue.run("CREATE \(name)").isOK) }
            for mail in mails {
                let appended = try dialogue.append(to: name, mail.octets)
                #expect(appended.isOK, "\(mail.name): \(appended)")
            }
            #expect(try dialogue.run("SELECT \(name)").isOK)
        }
        var differences: [String: Set<String>] = [:]
        var shown: [String] = []
        func note(_ name: String, _ aspect: String, _ ours: String, _ theirs: String) {
            guard !Self.isDeliberate(name, aspect) || ours == theirs else {
                differences[name, default: []].insert(aspect)
                return
            }
            if ours != theirs { shown.append("\(name) \(aspect)\n  ours    \(ours)\n  Dovecot \(theirs)") }
        }
        for (index, mail) in mails.enumerated() {
            for (aspect, value) in try Self.answers(ours, reference.dialogue, number: index + 1) {
                // Of a section that is not there Dovecot says that it is empty; NIL says so (RFC 9051 §7.5.2).
                if value.ours == "NIL", value.theirs == "\"\"", aspect.hasPrefix("BODY[") { continue }
                note(mail.name, aspect, value.ours, value.theirs)
            }
        }
        for program in searches {
            let (mine, theirs) = (try Self.search(ours, program), try Self.search(reference.dialogue, program))
            for number in mine.symmetricDifference(theirs).sorted() where mails.indices.contains(number - 1) {
                note(mails[number - 1].name, program, "\(mine.contains(number))", "\(theirs.contains(number))")
            }
        }
        #expect(shown.isEmpty, "\(shown.count) differences\n\(shown.joined(separator: "\n"))")
        for row in Self.deliberate where mails.contains(where: { $0.name == row.mail }) {
            for aspect in row.aspects {
                #expect(differences[row.mail]?.contains(aspect) == true, "\(row.mail) no longer differs in \(aspect)")
            }
        }
    }

    private static func isDeliberate(_ name: String, _ aspect: String) -> Bool {
        deliberate.contains { $0.mail == name && $0.aspects.contains(aspect) }
    }

    // MARK: - Questions

    private static let wholeItems = [
        "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]",
        "BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID REFERENCES RECEIVED CONTENT-TYPE)]",
        "BODY.PEEK[HEADER.FIELDS.NOT (RECEIVED SUBJECT)]", "BODY.PEEK[]<10.100>", "BODY.PEEK[TEXT]<20.50>",
    ]

    /// What both say of one mail, by aspect.
    private static func answers(
        _ ours: IMAPDialogue, _ theirs: IMAPDialogue, number: Int
    ) throws -> [String: (ours: String, theirs: String)] {
        var items = wholeItems
        let mine = try fetch(ours, number, items)
        let reference = try fetch(theirs, number, items)
        var result: [String: (ours: String, theirs: String)] = [:]
        func add(_ mine: [String: IMAPValue], _ reference: [String: IMAPValue]) {
            for name in Set(mine.keys).union(reference.keys) {
                if name == "ENVELOPE" {
                    for (field, pair) in envelope(mine[name], reference[name]) { result["ENVELOPE \(field)"] = pair }
                } else {
                    result[name] = (mine[name].map(\.description) ?? "nothing", reference[name].map(\.description) ?? "nothing")
                }
            }
        }
        add(mine, reference)
        let sections = Set([mine, reference].compactMap { $0["BODYSTRUCTURE"] }.flatMap { self.sections(of: $0) })
        items = sections.union(["7", "7.MIME"]).sorted().map { "BODY.PEEK[\($0)]" }
        for start in stride(from: 0, to: items.count, by: 40) {
            let some = Array(items[start..<min(start + 40, items.count)])
            add(try fetch(ours, number, some), try fetch(theirs, number, some))
        }
        return result
    }

    private static func fetch(_ dialogue: IMAPDialogue, _ number: Int, _ items: [String]) throws -> [String: IMAPValue] {
        let result = try dialogue.run("FETCH \(number) (\(items.joined(separator: " ")))")
        guard result.isOK else { throw WaitedInVain("\(items): \(result)") }
        var values: [String: IMAPValue] = [:]
        for line in result.lines where line.text.contains("FETCH") {
            guard let fetched = IMAPValue.fetched(line), fetched.number == number else {
                throw WaitedInVain("not by the grammar: \(line) \(line.literals.map { String(decoding: $0, as: UTF8.self) })")
            }
            values.merge(fetched.items) { $1 }
        }
        return values.filter { $0.key != "FLAGS" }
    }

    private static let envelopeFields = [
        "date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id",
    ]

    private static func envelope(_ ours: IMAPValue?, _ theirs: IMAPValue?) -> [(String, (ours: String, theirs: String))] {
        let (mine, reference) = (ours?.items ?? [], theirs?.items ?? [])
        return envelopeFields.enumerated().map { index, name in
            let text = { (items: [IMAPValue]) in index < items.count ? items[index].description : "nothing" }
            return (name, (text(mine), text(reference)))
        }
    }

    /// The sections of a structure: the parts, and header and text of messages.
    private static func sections(of structure: IMAPValue, path: [Int] = []) -> [String] {
        let items = structure.items
        let name = path.map(String.init).joined(separator: ".")
        var result = path.isEmpty ? [] : [name, "\(name).MIME"]
        if case .list? = items.first {
            let parts = items.prefix { if case .list = $0 { true } else { false } }
            for (index, part) in parts.enumerated() { result += sections(of: part, path: path + [index + 1]) }
            return result
        }
        let own = path.isEmpty ? [1] : path
        let ownName = own.map(String.init).joined(separator: ".")
        if path.isEmpty { result += ["1", "1.MIME"] }
        if items.first?.text?.lowercased() == "message", items[1].text?.lowercased() == "rfc822", items.count > 8 {
            result += ["\(ownName).HEADER", "\(ownName).TEXT", "\(ownName).HEADER.FIELDS (SUBJECT FROM)"]
            let inner = items[8].items
            if case .list? = inner.first {
                result += sections(of: items[8], path: own).filter { $0 != ownName && $0 != "\(ownName).MIME" }
            } else {
                result += sections(of: items[8], path: own + [1])
            }
        }
        return result
    }

    // MARK: - Searches

    private static let searches: [String] =
        ["Re", "test", "mail", "tes", "@", "<", "attachment", "json", "?="].map { "SUBJECT \"\($0)\"" }
        + ["a", "example", "example.com", "mikel", "@", ".jp"].flatMap { ["FROM \"\($0)\"", "TO \"\($0)\"", "CC \"\($0)\""] }
        + [
            "HEADER Message-ID \"\"", "HEADER Subject \"\"", "HEADER Received \"by\"", "HEADER X-Mailer \"\"",
            "HEADER Content-Type \"multipart\"", "HEADER References \"<\"", "HEADER In-Reply-To \"\"",
            // For Dovecot mails without a date were sent in 1970.
            "SENTSINCE 1-Jan-2006", "SENTSINCE 1-Feb-1990 SENTBEFORE 1-Jan-2000", "SENTON 22-Nov-2005",
            "SENTSINCE 1-Jan-2008 SENTBEFORE 1-Jan-2018", "LARGER 1000", "SMALLER 2000",
        ]

    private static func search(_ dialogue: IMAPDialogue, _ program: String) throws -> Set<Int> {
        let result = try dialogue.run("SEARCH \(program)")
        guard result.isOK else { throw WaitedInVain("\(program): \(result)") }
        let line = result.texts.first { $0.hasPrefix("* SEARCH") } ?? ""
        return Set(line.split(separator: " ").compactMap { Int($0) })
    }
}
