import Testing

@testable import Settings

@Suite struct ProblemTests {
    @Test(arguments: ["stempel", "desk"]) func `all problems of a broken file are told together, in order`(name: String)
    {
        let text = Examples.text("Broken/\(name).yaml")
        let expected = Examples.text("Broken/\(name).txt").split(separator: "\n").map(String.init)
        let fileName = "\(name).yaml"
        let found =
            name == "desk"
            ? DeskFile.parse(text, fileName: fileName).problems : MachineFile.parse(text, fileName: fileName).problems
        #expect(!expected.isEmpty)
        #expect(found.map(\.description) == expected)
    }

    @Test func `a broken desk is not handed out, broken machine settings are for further checks`() {
        #expect(DeskFile.parse(Examples.text("Broken/desk.yaml"), fileName: "desk.yaml").desk == nil)
        let settings = MachineFile.parse(Examples.text("Broken/stempel.yaml"), fileName: "stempel.yaml").settings
        #expect(settings?.listener(.imaps)?.addresses == [.tcp(host: "127.0.0.1", port: 2993)])
        #expect(settings?.limits.messageSize == 36_000_000)
    }

    static let machines: [(change: (String, String), problem: String?)] = [
        (
            ("hostname: mx.acme.example", ""),
            "s:1: hostname: is missing; give the name that this machine's MX record has"
        ),
        (
            ("hostname: mx.acme.example", "hostname:"),
            "s:3: hostname: is missing; give the name that this machine's MX record has"
        ),
        (
            ("mx.acme.example", "\"[192.0.2.1]\""),
            "s:3: hostname: \"[192.0.2.1]\" is no domain name; write one such as mx.acme.example"
        ),
        (
            ("mx.acme.example", "\"mx\\nQUIT\""),
            "s:3: hostname: contains a control character or line break; it should be a single line of text"
        ),
        (("hostname:", "hostnam:"), "s:3: hostnam: unknown key; did you mean \"hostname\"?"),
        (("  smtp:  ", "  smpt:  "), "s:12: listeners.smpt: unknown key; did you mean \"smtp\"?"),
        (("  imaps:  ", "  smtp:  "), "s:12: listeners.smtp: given twice, here and in line 16; keep one of them"),
        (
            ("data: data", "data: data\ndatabase: postgresql://stempel@db.internal/stempel"),
            "s:4: data: stands beside database; give one of them: the mail lives in one place"
        ),
        (
            ("data: data", "database: postgresql://stempel@db.internal/stempel"),
            "s:4: database: the PostgreSQL engine is not part of this build; write data: DIRECTORY for the embedded one"
        ),
        (
            ("data: data", "database: postgresql://stempel:secret@db.internal/stempel"),
            "s:4: database: holds a password; leave it out: libpq finds it in a password file"
        ),
        (
            ("data: data", "database: mysql://db"),
            "s:4: database: is no database URL; write postgresql://USER@HOST/NAME, or data: DIRECTORY instead"
        ),
        (
            ("messageSize: 36MB", "messageSize: 64KB"),
            "s:26: limits.messageSize: \"64KB\" is out of range; write a size from 64KiB to 1TiB"
        ),
        (("messageSize: 36MB", "messageSize: 64KiB"), nil),
        (
            ("recipients: 100", "recipients: 99"),
            "s:27: limits.recipients: \"99\" is no whole number from 100 to 100000; write a number such as 100"
        ),
        (("freeSpace: 500MB", "freeSpace: 500 MiB"), nil),
        (
            ("target: stderr", "target: jurnal"),
            "s:35: log.target: \"jurnal\" is not possible here; did you mean \"journal\"?"
        ),
        (
            ("relay: 127.0.0.1:2526", "relay: 127.0.0.1"),
            "s:22: delivery.relay: \"127.0.0.1\" is not HOST:PORT; write one such as mail.acme.example:25 or [::1]:25"
        ),
        (
            ("relay: 127.0.0.1:2526", "relay: 127.0.0.1:0"),
            "s:22: delivery.relay: \"127.0.0.1:0\" is not HOST:PORT; write one such as mail.acme.example:25 or [::1]:25"
        ),
        (("tls:\n", "tls: {\n"), "s:9: is not YAML: did not find expected node content (while parsing a flow node)"),
        (
            ("limits:", "\tlimits:"),
            "s:25: is not YAML: found character that cannot start any token (while scanning for the next token)"
        ),
    ]

    @Test(arguments: machines) func `one mistake in the machine's file is one problem`(
        change: (String, String), problem: String?
    ) {
        let text = Examples.machine.replacingFirst(change.0, with: change.1)
        #expect(text != Examples.machine)
        let problems = MachineFile.parse(text, fileName: "s").problems.map(\.description)
        if let problem { #expect(problems.contains(problem), "\(problems)") } else { #expect(problems == []) }
    }

    static let stamps: [(stamp: String, isGood: Bool)] = [
        ("[{prefix}#{number}]", true), ("[#{number}]", true), ("Case #{number}", true), ("({number})", true),
        ("[{prefix}-{number}]", true), ("{number}", false), ("[{prefix}]", false), ("[{prefix}{number}]", false),
        ("[#{number}#{number}]", false), ("[{prefix}#{prefix}#{number}]", false), ("[#{number}{prefix}]", false),
        ("[#{number}0]", false), ("#0{number}", false), ("Case {number}", false), ("[№{number}]", false),
        ("[{name}#{number}]", false), ("[#{number}}]", false),
        ("[" + String(repeating: "-", count: 41) + "#{number}]", false),
    ]

    @Test(arguments: stamps) func `a stamp holds the number once, set apart`(stamp: String, isGood: Bool) {
        let text = Examples.desk.replacingFirst("\"[{prefix}#{number}]\"", with: "\"\(stamp)\"")
        #expect(DeskFile.parse(text, fileName: "d").problems.map(\.key) == (isGood ? [] : ["stamp"]))
    }

    static let notFiles = [
        "", "# nothing\n", "just words", "- a\n- b\n", "~", "{}", "a: &x [*x]", "\u{0}", "---\na: b\n---\nc: d\n",
        "? [a]\n: b\n", "a: 1\n\"a\": 2\n'a': 3\n", "&a a: 1\n&b a: 2\n", "!!str a: 1\na: 2\n",
        String(repeating: "[", count: 100_000), String(repeating: "a: ", count: 5000),
    ]

    @Test(arguments: notFiles) func `what is no settings file has problems and no settings`(text: String) {
        #expect(!MachineFile.parse(text, fileName: "s").problems.isEmpty)
        #expect(DeskFile.parse(text, fileName: "d").desk == nil)
    }

    @Test func `aliases do not make a small file a huge one`() {
        var text = "a0: &a0 [ x, x, x, x, x, x, x, x, x, x ]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [ \(aliases) ]\n"
        }
        text += "domain: acme.example\npostmaster: Help\nfolders: *a12\n"
        #expect(DeskFile.parse(text, fileName: "d").desk == nil)
    }
}
