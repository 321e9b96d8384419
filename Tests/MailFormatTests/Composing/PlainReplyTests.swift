import Testing

@testable import MailFormat

@Suite struct PlainReplyTests {
    /// A reply as a program writes it. `leaves`: what of it leaves; `own`: the agent's own words; `signed`: what leaves with
    /// the signature `Agent One`.
    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        var parameters = "charset=utf-8"
        let text: String
        var commands: [String] = []
        let own: String
        let leaves: String
        let signed: String
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(
            name: "no quotation", text: "Hello Jan,\n\nit is on its way.\n", own: "Hello Jan,\n\nit is on its way.",
            leaves: "Hello Jan,\n\nit is on its way.\n", signed: "Hello Jan,\n\nit is on its way.\n\nAgent One\n"),
        Row(
            name: "no line end at the end", text: "#close\nBye", commands: ["#close"], own: "Bye", leaves: "Bye",
            signed: "Bye\n\nAgent One\n"),
        Row(
            name: "Thunderbird, reply above, English", parameters: "charset=UTF-8; format=flowed",
            text: """
                #take
                #tag refund

                Hello Jan,
                it is on its way.

                On 25.11.2026 21:37, Jan Kowalski wrote:
                > Where is my parcel?
                > #close
                """,
            commands: ["#take", "#tag refund"], own: "Hello Jan,\nit is on its way.",
            leaves: """
                Hello Jan,
                it is on its way.

                On 25.11.2026 21:37, Jan Kowalski wrote:
                > Where is my parcel?
                > #close
                """,
            signed: """
                Hello Jan,
                it is on its way.

                Agent One

                On 25.11.2026 21:37, Jan Kowalski wrote:
                > Where is my parcel?
                > #close
                """),
        Row(
            name: "Thunderbird, reply below, Polish", parameters: "charset=UTF-8; format=flowed",
            text: """
                W dniu 25.11.2026 o 21:37, Jan Kowalski pisze:
                > Gdzie jest moja paczka?

                #zamknij

                Dzień dobry, jest w drodze.

                -- \nAgent Jeden
                Dział zwrotów
                """,
            commands: ["#zamknij"], own: "Dzień dobry, jest w drodze.",
            leaves: """
                W dniu 25.11.2026 o 21:37, Jan Kowalski pisze:
                > Gdzie jest moja paczka?

                Dzień dobry, jest w drodze.

                -- \nAgent Jeden
                Dział zwrotów
                """,
            signed: """
                W dniu 25.11.2026 o 21:37, Jan Kowalski pisze:
                > Gdzie jest moja paczka?

                Dzień dobry, jest w drodze.

                Agent One

                -- \nAgent Jeden
                Dział zwrotów
                """),
        Row(
            name: "between quotations",
            text: """
                On 25.11.2026 21:37, Jan Kowalski wrote:
                > Where is my parcel?

                It is on its way.

                > And my money?

                #tag refund
                It comes tomorrow.

                > Jan
                """,
            commands: ["#tag refund"], own: "It is on its way.\n\nIt comes tomorrow.",
            leaves: """
                On 25.11.2026 21:37, Jan Kowalski wrote:
                > Where is my parcel?

                It is on its way.

                > And my money?

                It comes tomorrow.

                > Jan
                """,
            signed: """
                On 25.11.2026 21:37, Jan Kowalski wrote:
                > Where is my parcel?

                It is on its way.

                > And my money?

                It comes tomorrow.

                Agent One

                > Jan
                """),
        Row(
            name: "K-9, English",
            text: """
                # Close

                On its way.

                On November 25, 2026 9:37:12 PM GMT+01:00, Jan Kowalski <jan@customer.example> wrote:
                >Where is it?
                """,
            commands: ["# Close"], own: "On its way.",
            leaves: """
                On its way.

                On November 25, 2026 9:37:12 PM GMT+01:00, Jan Kowalski <jan@customer.example> wrote:
                >Where is it?
                """,
            signed: """
                On its way.

                Agent One

                On November 25, 2026 9:37:12 PM GMT+01:00, Jan Kowalski <jan@customer.example> wrote:
                >Where is it?
                """),
        Row(
            name: "K-9, Polish, with the other mail's fields",
            text: """
                #czeka
                W drodze.

                -------- Wiadomość oryginalna --------
                Od: Jan Kowalski <jan@customer.example>
                Wysłano: 25 listopada 2026 21:37:12 CET
                Do: help@acme.example
                Temat: paczka

                Gdzie jest?
                #zamknij
                """,
            commands: ["#czeka"], own: "W drodze.",
            leaves: """
                W drodze.

                -------- Wiadomość oryginalna --------
                Od: Jan Kowalski <jan@customer.example>
                Wysłano: 25 listopada 2026 21:37:12 CET
                Do: help@acme.example
                Temat: paczka

                Gdzie jest?
                #zamknij
                """,
            signed: """
                W drodze.

                Agent One

                -------- Wiadomość oryginalna --------
                Od: Jan Kowalski <jan@customer.example>
                Wysłano: 25 listopada 2026 21:37:12 CET
                Do: help@acme.example
                Temat: paczka

                Gdzie jest?
                #zamknij
                """),
        Row(
            name: "Apple Mail, English",
            text: """
                #close

                On its way.

                > On 25 Nov 2026, at 21:37, Jan Kowalski <jan@customer.example> wrote:
                >\u{20}
                > Where is it?
                """,
            commands: ["#close"], own: "On its way.",
            leaves: """
                On its way.

                > On 25 Nov 2026, at 21:37, Jan Kowalski <jan@customer.example> wrote:
                >\u{20}
                > Where is it?
                """,
            signed: """
                On its way.

                Agent One

                > On 25 Nov 2026, at 21:37, Jan Kowalski <jan@customer.example> wrote:
                >\u{20}
                > Where is it?
                """),
        Row(
            name: "Apple Mail, Polish, announcement outside of the quotation",
            text: """
                W drodze.

                Wiadomość napisana przez Jan Kowalski <jan@customer.example> w dniu 25.11.2026, o godz. 21:37:

                > Gdzie jest?

                Pozdrawiam
                """,
            own: "W drodze.\n\nPozdrawiam",
            leaves: """
                W drodze.

                Wiadomość napisana przez Jan Kowalski <jan@customer.example> w dniu 25.11.2026, o godz. 21:37:

                > Gdzie jest?

                Pozdrawiam
                """,
            signed: """
                W drodze.

                Wiadomość napisana przez Jan Kowalski <jan@customer.example> w dniu 25.11.2026, o godz. 21:37:

                > Gdzie jest?

                Pozdrawiam

                Agent One

                """),
        Row(
            name: "Gmail, announcement in two rows",
            text: """
                On its way.

                On Wed, Nov 25, 2026 at 9:37 PM Jan Kowalski <jan.kowalski@customer.example>
                wrote:

                > Where is it?
                """,
            own: "On its way.",
            leaves: """
                On its way.

                On Wed, Nov 25, 2026 at 9:37 PM Jan Kowalski <jan.kowalski@customer.example>
                wrote:

                > Where is it?
                """,
            signed: """
                On its way.

                Agent One

                On Wed, Nov 25, 2026 at 9:37 PM Jan Kowalski <jan.kowalski@customer.example>
                wrote:

                > Where is it?
                """),
        Row(
            name: "Gmail, Polish",
            text: "#wykonane\nW drodze.\n\nśr., 25 lis 2026 o 21:37 Jan Kowalski <jan@customer.example> napisał(a):\n\n> Gdzie?\n",
            commands: ["#wykonane"], own: "W drodze.",
            leaves: "W drodze.\n\nśr., 25 lis 2026 o 21:37 Jan Kowalski <jan@customer.example> napisał(a):\n\n> Gdzie?\n",
            signed: "W drodze.\n\nAgent One\n\nśr., 25 lis 2026 o 21:37 Jan Kowalski <jan@customer.example> napisał(a):\n\n> Gdzie?\n"),
        Row(
            name: "Outlook, header block without marks",
            text: """
                #assign agent2

                On its way.

                From: Jan Kowalski <jan@customer.example>
                Sent: Wednesday, November 25, 2026 9:37 PM
                To: ACME Help <help@acme.example>
                Subject: parcel

                Where is it?

                #close
                """,
            commands: ["#assign agent2"], own: "On its way.",
            leaves: """
                On its way.

                From: Jan Kowalski <jan@customer.example>
                Sent: Wednesday, November 25, 2026 9:37 PM
                To: ACME Help <help@acme.example>
                Subject: parcel

                Where is it?

                #close
                """,
            signed: """
                On its way.

                Agent One

                From: Jan Kowalski <jan@customer.example>
                Sent: Wednesday, November 25, 2026 9:37 PM
                To: ACME Help <help@acme.example>
                Subject: parcel

                Where is it?

                #close
                """),
        Row(
            name: "Outlook, Polish, underscores",
            text: "W drodze.\n\n________________________________\nOd: Jan <jan@customer.example>\nWysłane: środa, 25 listopada 2026 21:37\nDo: help@acme.example\nTemat: paczka\n\nGdzie jest?\n",
            own: "W drodze.",
            leaves: "W drodze.\n\n________________________________\nOd: Jan <jan@customer.example>\nWysłane: środa, 25 listopada 2026 21:37\nDo: help@acme.example\nTemat: paczka\n\nGdzie jest?\n",
            signed: "W drodze.\n\nAgent One\n\n________________________________\nOd: Jan <jan@customer.example>\nWysłane: środa, 25 listopada 2026 21:37\nDo: help@acme.example\nTemat: paczka\n\nGdzie jest?\n"),
        Row(
            name: "Outlook, original message",
            text: "On its way.\n\n-----Original Message-----\nFrom: Jan\nSent: today\nWhere is it?\n",
            own: "On its way.",
            leaves: "On its way.\n\n-----Original Message-----\nFrom: Jan\nSent: today\nWhere is it?\n",
            signed: "On its way.\n\nAgent One\n\n-----Original Message-----\nFrom: Jan\nSent: today\nWhere is it?\n"),
        Row(
            name: "a phone that quotes without marks",
            text: "On its way.\n\nOn 25 Nov 2026 at 21:37, Jan Kowalski wrote:\n\nWhere is it?\n#close\n",
            own: "On its way.", leaves: "On its way.\n\nOn 25 Nov 2026 at 21:37, Jan Kowalski wrote:\n\nWhere is it?\n#close\n",
            signed: "On its way.\n\nAgent One\n\nOn 25 Nov 2026 at 21:37, Jan Kowalski wrote:\n\nWhere is it?\n#close\n"),
        Row(
            name: "Thunderbird, forward",
            text: "#tag x\nPlease look.\n\n-------- Forwarded Message --------\nSubject: parcel\nDate: Wed, 25 Nov 2026\nFrom: Jan\n\n#close\n",
            commands: ["#tag x"], own: "Please look.",
            leaves: "Please look.\n\n-------- Forwarded Message --------\nSubject: parcel\nDate: Wed, 25 Nov 2026\nFrom: Jan\n\n#close\n",
            signed: "Please look.\n\nAgent One\n\n-------- Forwarded Message --------\nSubject: parcel\nDate: Wed, 25 Nov 2026\nFrom: Jan\n\n#close\n"),
        Row(
            name: "Thunderbird, forward, Polish, nothing written",
            text: "\n\n-------- Przekazana wiadomość --------\nTemat: paczka\nData: śr., 25 lis 2026\nOd: Jan\n\nGdzie?\n",
            own: "", leaves: "\n\n-------- Przekazana wiadomość --------\nTemat: paczka\nData: śr., 25 lis 2026\nOd: Jan\n\nGdzie?\n",
            signed: "Agent One\n\n\n-------- Przekazana wiadomość --------\nTemat: paczka\nData: śr., 25 lis 2026\nOd: Jan\n\nGdzie?\n"),
        Row(
            name: "Apple Mail, forward",
            text: "Please look.\n\nBegin forwarded message:\n\n> From: Jan\n> Subject: parcel\n> \n> Where?\n\n",
            own: "Please look.", leaves: "Please look.\n\nBegin forwarded message:\n\n> From: Jan\n> Subject: parcel\n> \n> Where?\n\n",
            signed: "Please look.\n\nAgent One\n\nBegin forwarded message:\n\n> From: Jan\n> Subject: parcel\n> \n> Where?\n\n"),
        Row(
            name: "nothing but commands", text: "#close\n#tag x\n\n> Where is it?\n", commands: ["#close", "#tag x"], own: "",
            leaves: "\n> Where is it?\n", signed: "Agent One\n\n> Where is it?\n"),
        Row(
            name: "empty lines and odd spaces", text: "\n \u{A0}\n\u{A0}#\u{A0}close \u{200B}\n\n  # tag x\n\t\nHello\n",
            commands: ["#\u{A0}close", "# tag x"], own: "Hello", leaves: "\n \u{A0}\nHello\n", signed: "\n \u{A0}\nHello\n\nAgent One\n"),
        Row(
            name: "two signs", text: "##1 reason\n## not on top\n##neither\n", own: "#1 reason\n## not on top\n#neither",
            leaves: "#1 reason\n## not on top\n#neither\n", signed: "#1 reason\n## not on top\n#neither\n\nAgent One\n"),
        Row(
            name: "two signs below a command", text: "#take\n\n##tag\nHello\n", commands: ["#take"], own: "#tag\nHello",
            leaves: "#tag\nHello\n", signed: "#tag\nHello\n\nAgent One\n"),
        Row(
            name: "flowed, a command that flows on", parameters: "charset=utf-8; format=flowed",
            text: "#reject the second paragraph says what nobody can promise, please \nwrite it again\nThank you, and a long line that flows on to the next one as it \nshould\n",
            commands: ["#reject the second paragraph says what nobody can promise, please write it again"],
            own: "Thank you, and a long line that flows on to the next one as it should",
            leaves: "Thank you, and a long line that flows on to the next one as it \nshould\n",
            signed: "Thank you, and a long line that flows on to the next one as it \nshould\n\nAgent One\n"),
        Row(
            name: "flowed, a space behind the command", parameters: "charset=utf-8; format=flowed", text: "#close \nHello \nJan\n",
            commands: ["#close"], own: "Hello\nJan", leaves: "Hello \nJan\n", signed: "Hello \nJan\n\nAgent One\n"),
        Row(
            name: "flowed with DelSp, stuffed", parameters: "charset=utf-8; format=flowed; delsp=yes",
            text: " >no quotation, since it is stuffed, and it goes on for a while up t \no here\n> quoted\n",
            own: ">no quotation, since it is stuffed, and it goes on for a while up to here",
            leaves: " >no quotation, since it is stuffed, and it goes on for a while up t \no here\n> quoted\n",
            signed: " >no quotation, since it is stuffed, and it goes on for a while up t \no here\n\nAgent One\n\n> quoted\n"),
        Row(
            name: "signed already", text: "Hello\n\nAgent  One\n\n> Agent One\n", own: "Hello\n\nAgent  One", leaves: "Hello\n\nAgent  One\n\n> Agent One\n",
            signed: "Hello\n\nAgent  One\n\n> Agent One\n"),
        Row(
            name: "signed in the quotation only", text: "Hello\n\n> Agent One\n", own: "Hello", leaves: "Hello\n\n> Agent One\n",
            signed: "Hello\n\nAgent One\n\n> Agent One\n"),
        Row(
            name: "signed by the program already", text: "Hello\n-- \nAgent One\n", own: "Hello", leaves: "Hello\n-- \nAgent One\n",
            signed: "Hello\n-- \nAgent One\n"),
        Row(
            name: "words that announce nothing", text: "On Monday we wrote:\nthe parcel left.\nSee 12:30 below:\n\nDate: tomorrow\nTo: you\n",
            own: "On Monday we wrote:\nthe parcel left.\nSee 12:30 below:\n\nDate: tomorrow\nTo: you",
            leaves: "On Monday we wrote:\nthe parcel left.\nSee 12:30 below:\n\nDate: tomorrow\nTo: you\n",
            signed: "On Monday we wrote:\nthe parcel left.\nSee 12:30 below:\n\nDate: tomorrow\nTo: you\n\nAgent One\n"),
        Row(name: "empty", text: "", own: "", leaves: "", signed: "Agent One\n"),
    ]

    static let signature = TextChanges(signature: .init(.init(text: "Agent One")))

    @Test(arguments: rows) func `commands are found, and cut out with nothing else`(row: Row) throws {
        let mail = SubmittedMail.plain(row.text, parameters: row.parameters)
        let text = try mail.read()
        #expect(text.commands.map(\.text) == row.commands)
        #expect(text.ownText == row.own)
        #expect(try mail.changed().text == row.leaves)
        #expect(text.disagreement == nil)
    }

    @Test(arguments: rows) func `a signature stands below the agent's text, once`(row: Row) throws {
        let mail = SubmittedMail.plain(row.text, parameters: row.parameters)
        let signed = try mail.changed(Self.signature)
        #expect(signed.text == row.signed)
        // What was `##` is a command the next time.
        if !row.text.contains("##") { #expect(try signed.changed(Self.signature).text == row.signed) }
    }

    @Test func `what stands above a command decides how sure it is`() throws {
        let rows: [(text: String, follows: Bool, apart: Bool)] = [
            ("#close\nHello\n", false, true), ("> a\n\n#close\n", true, true), ("> a\n#close\n", true, false),
            ("> a\n \n#close\n> b\n", true, true),
        ]
        for row in rows {
            let command = try #require(try SubmittedMail.plain(row.text).read().commands.first)
            #expect(command == CommandLine(text: "#close", followsQuotation: row.follows, isSetApart: row.apart))
        }
    }

    @Test func `marks within the text are shown, for they may be commands`() throws {
        let text = try SubmittedMail.plain("#take\nHello\n#close\n# heading\n##pool x\n#1 place\n> #new\n\nBye\n#done soon\n").read()
        #expect(text.strayMarks == ["#close", "#done soon"])
    }
}
