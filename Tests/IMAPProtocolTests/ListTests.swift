import Testing

@testable import IMAPProtocol

@Suite struct ListTests {
    static let rows: [(line: String, command: ListCommand)] = [
        ("LIST \"\" *", ListCommand(patterns: [MailboxPattern("*")])),
        ("LIST \"\" \"%\"", ListCommand(patterns: [MailboxPattern("%")])),
        ("LIST \"\" \"\"", ListCommand(patterns: [MailboxPattern("")])),
        ("LIST Team/ %/x*", ListCommand(reference: "Team/", patterns: [MailboxPattern("Team/%/x*")])),
        ("LSUB \"\" \"*\"", ListCommand(.lsub, patterns: [MailboxPattern("*")])),
        ("XLIST \"\" \"*\"", ListCommand(.xlist, patterns: [MailboxPattern("*")])),
        ("LIST \"\" Zesp&APMBQg-/%", ListCommand(patterns: [MailboxPattern("Zespół/%")])),
        ("LIST \"\" {3+}\r\nA/*", ListCommand(patterns: [MailboxPattern("A/*")])),
        (
            "LIST (SUBSCRIBED) \"\" *",
            ListCommand(patterns: [MailboxPattern("*")], selection: .subscribed, isExtended: true)
        ),
        ("LIST () \"\" \"\"", ListCommand(patterns: [MailboxPattern("")], isExtended: true)),
        (
            "LIST (remote RECURSIVEMATCH SUBSCRIBED SPECIAL-USE) \"\" (INBOX \"a b\" c/%)",
            ListCommand(
                patterns: [MailboxPattern("INBOX"), MailboxPattern("a b"), MailboxPattern("c/%")],
                selection: [.remote, .recursiveMatch, .subscribed, .specialUse], isExtended: true)
        ),
        (
            "LIST \"\" % RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)",
            ListCommand(
                patterns: [MailboxPattern("%")], returnOptions: [.children, .subscribed, .specialUse], isExtended: true)
        ),
        (
            "LIST \"\" % RETURN (STATUS (MESSAGES UNSEEN) CHILDREN)",
            ListCommand(
                patterns: [MailboxPattern("%")], returnOptions: .children, statusItems: [.messages, .unseen],
                isExtended: true)
        ),
        ("LIST \"\" % RETURN ()", ListCommand(patterns: [MailboxPattern("%")], isExtended: true)),
    ]

    @Test(arguments: rows.indices) func `lists are read in one piece and in any`(index: Int) {
        let (line, list) = Self.rows[index]
        for pieces in everySplit(of: "a \(line)\r\n") {
            guard case .command("a", .list(let read))? = decode(pieces).first else {
                Issue.record("\(line)")
                return
            }
            #expect(read.kind == list.kind && read.reference == list.reference && read.selection == list.selection)
            #expect(read.patterns.map(\.text) == list.patterns.map(\.text))
            #expect(read.returnOptions == list.returnOptions && read.statusItems == list.statusItems)
            #expect(read.isExtended == list.isExtended)
        }
    }

    @Test(arguments: [
        "LIST \"\"", "LIST * *", "LIST (FOO) \"\" *", "LIST (RECURSIVEMATCH) \"\" *",
        "LIST (RECURSIVEMATCH REMOTE) \"\" *",
        "LIST \"\" ()", "LIST \"\" (a", "LIST \"\" % FOO", "LIST \"\" % RETURN", "LIST \"\" % RETURN (FOO)",
        "LIST \"\" % RETURN (STATUS ())", "LSUB (SUBSCRIBED) \"\" *", "LSUB \"\" * RETURN ()", "LSUB \"\" (a b)",
    ]) func `what is no list is refused`(line: String) {
        #expect(refusal(line)?.kind == .bad)
    }

    @Test func `an empty pattern asks for the delimiter, unless the syntax is extended`() {
        func asks(_ line: String) -> Bool? {
            guard case .list(let list)? = command(line) else { return nil }
            return list.asksForDelimiter
        }
        #expect(asks("LIST \"\" \"\"") == true)
        #expect(asks("LIST Team/ \"\"") == true)
        #expect(asks("LIST () \"\" \"\"") == false)
        #expect(asks("LIST \"\" %") == false)
    }

    static let matches: [(pattern: String, name: MailboxName, isMatch: Bool)] = [
        ("*", "INBOX", true), ("*", "a/b/c", true), ("%", "a", true), ("%", "a/b", false), ("%/%", "a/b", true),
        ("a/*", "a", false), ("a/*", "a/b/c", true), ("a/%", "a/b/c", false), ("a*", "a", true), ("a%", "a/b", false),
        ("a%b*c", "axxb/y/c", true), ("a%b*c", "ax/b/y/c", false), ("*b", "a/b", true), ("*/b", "b", false),
        ("inbox", "INBOX", true), ("InBox", "INBOX", true), ("inb%", "INBOX", true), ("%box", "INBOX", true),
        ("inbox/x", "INBOX/x", true), ("inbox/X", "INBOX/x", false), ("next", "Next", false),
        ("%%%", "a", true), ("%*", "a/b", true), ("*%", "a/b", true), ("**", "", true), ("", "", true),
        ("", "a", false),
        ("Zesp%", "Zespół", true), ("Zespo\u{301}ł", "Zespół", true), ("Z*ł", "Zespół", true), ("a.b", "axb", false),
    ]

    @Test(arguments: matches.indices) func `a pattern fits these names and not those`(index: Int) {
        let (pattern, name, isMatch) = Self.matches[index]
        #expect(MailboxPattern(pattern).matches(name) == isMatch, "\(pattern) \(name)")
    }

    @Test func `many wildcards cost no more than their number`() {
        let pattern = MailboxPattern(String(repeating: "*a%", count: 200))
        #expect(!pattern.matches(MailboxName(String(repeating: "a", count: 400) + "/b")))
    }
}
