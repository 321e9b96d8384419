import Desk
import MailTypes
import TestKit
import Testing

@testable import Settings

/// Edits of one part of a stored desk, seen by what `show` says of it afterwards or by the sentence of the refusal.
@Suite struct DeskEditorTests {
    private static let stored: String = {
        guard let domain = DomainName("acme.example") else { return "" }
        let text = Fresh.demoDesk(domain: domain)
        guard let desk = DeskFile.parse(text, fileName: "desk.yaml").desk else { return "" }
        return DeskFile.write(desk)
    }()

    private static let editor = DeskEditor(capabilities: ["QRESYNC"], patterns: DeskLibraries.test.patterns)

    private func edited(_ edit: DeskEdit) throws -> DeskDefinition { try Self.editor.edit(Self.stored, edit).desk }

    private func refusal(of edit: DeskEdit) -> DeskEditRefusal? {
        do throws(DeskEditRefusal) {
            _ = try Self.editor.edit(Self.stored, edit)
            return nil
        } catch {
            return error
        }
    }

    private func set(_ section: DeskSection, _ name: String, _ path: String, _ value: String) -> DeskEdit {
        DeskEdit(section, name, .set([DeskAssignment(path, .set(.yaml(value)))]))
    }

    // MARK: - Values

    @Test func `a value is set as the file would say it`() throws {
        let desk = try edited(set(.pools, "help", "firstAnswerWithin", "30m"))
        #expect(desk.pools[0].firstAnswerWithin == .minutes(30))
        #expect(desk.pools[1] == DeskFile.parse(Self.stored, fileName: "").desk?.pools[1])
    }

    static let nested: [(section: DeskSection, name: String, path: String, value: String, expected: String)] = [
        (.pools, "Help", "members.agent1@acme.example", "7", "agent1@acme.example: 7"),
        (.groups, "returns", "members", "[ agent2@acme.example ]", "returns: [ \"agent2@acme.example\" ]"),
        (.templates, "received", "subject", "Thank you", "subject: Thank you"),
        (.calendars, "office", "weekly.sat", "\"10:00-12:00\"", "sat: \"10:00-12:00\""),
        (.rules, "refunds", "then.priority", "urgent", "priority: urgent"),
        (.rules, "refunds", "when", "{ header: { X-Kind: refund } }", "X-Kind: refund"),
        (.departments, "Legal", "answerWithin", "1d", "answerWithin: 1d"),
        (.agents, "agent1@acme.example", "language", "pl", "language: pl"),
    ]

    @Test(arguments: nested) func `a dot leads into what a key holds`(
        section: DeskSection, name: String, path: String, value: String, expected: String
    ) throws {
        let text = DeskFile.write(try edited(set(section, name, path, value)))
        #expect(text.replacing("\"", with: "").contains(expected.replacing("\"", with: "")), "\(text)")
    }

    @Test func `lists grow and shrink by single values`() throws {
        func desk(_ operation: DeskAssignment.Operation, _ path: String) throws -> PoolDefinition {
            try edited(DeskEdit(.pools, "Help", .set([DeskAssignment(path, operation)]))).pools[0]
        }
        #expect(try desk(.append(.yaml("new@acme.example")), "addresses").addresses.count == 3)
        #expect(try desk(.drop(.yaml("INFO@acme.example")), "addresses").addresses.map(\.address.localPart) == ["help"])
        #expect(try desk(.append(.yaml("supervisor1@acme.example")), "members").members.last?.priority == 1)
        #expect(
            try desk(.drop(.yaml("agent1@acme.example")), "members").members.map(\.login).first == "agent2@acme.example"
        )
        #expect(try desk(.unset, "calendar").calendar == nil)
    }

    @Test func `a value that begins with a wildcard needs no quotes`() throws {
        let desk = try edited(set(.rules, "refunds", "when", "{ from: \"*@a.example\" }"))
        let plain = try edited(set(.rules, "refunds", "when.from", "*@b.example"))
        func conditions(_ desk: DeskDefinition) -> String { desk.rules.first { $0.name == "refunds" }.map { "\($0.when)" } ?? "" }
        #expect(conditions(desk).contains("*@a.example"))
        #expect(conditions(plain).contains("*@b.example"))
    }

    @Test func `a text is taken as it is, whatever it looks like`() throws {
        let text = "Dear ${customer.name}: [no] {list} # here\nsecond line\n"
        let desk = try edited(DeskEdit(.templates, "received", .set([DeskAssignment("text", .set(.text(text)))])))
        #expect(desk.templates.first { $0.name == "received" }?.text == text)
    }

    // MARK: - Parts

    @Test func `parts come, go and stand where they are wanted`() throws {
        let rule = DeskEdit(
            .rules, "first of all", .add([DeskAssignment("then", .set(.yaml("{ tag: first }")))]), position: 1)
        #expect(try edited(rule).rules.map(\.name) == ["first of all", "machines", "refunds"])
        #expect(
            try edited(DeskEdit(.rules, "refunds", .set([]), position: 1)).rules.map(\.name) == ["refunds", "machines"])
        #expect(try edited(DeskEdit(.folders, "Invoices", .add([]))).folders == ["Systems", "Newsletters", "Invoices"])
        #expect(try edited(DeskEdit(.folders, "newsletters", .remove)).folders == ["Systems"])
        #expect(try edited(DeskEdit(.rules, "machines", .remove)).rules.map(\.name) == ["refunds"])
        let group = DeskEdit(.groups, "night", .add([DeskAssignment("members", .append(.yaml("agent1@acme.example")))]))
        #expect(try edited(group).groups.last == GroupDefinition(name: "night", members: ["agent1@acme.example"]))
    }

    @Test func `an agent who is removed stays as an inactive account`() throws {
        let desk = try edited(DeskEdit(.agents, "AGENT1@acme.example", .remove))
        #expect(desk.agents.first?.active == false)
        #expect(desk.pools[0].members.first?.login == "agent1@acme.example")
    }

    static let renames: [(section: DeskSection, from: String, to: String, texts: Int)] = [
        (.folders, "Systems", "Machines", 2), (.groups, "returns", "Back office", 2), (.pools, "Help", "First aid", 2),
        (.templates, "received", "thanks", 2), (.calendars, "office", "weekdays", 2), (.rules, "refunds", "money", 1),
    ]

    @Test(arguments: renames) func `every mention of a renamed part is renamed`(
        section: DeskSection, from: String, to: String, texts: Int
    ) throws {
        let text = DeskFile.write(try edited(DeskEdit(section, from, .rename(to: to))))
        #expect(text.ranges(of: to).count == texts, "\(text)")
    }

    // MARK: - Refusals

    static let refusals: [(edit: DeskEdit, sentence: String)] = [
        (
            DeskEdit(.pools, "Hlep", .set([])), "no pool is named \"Hlep\"; did you mean \"Help\"?"
        ),
        (
            DeskEdit(.pools, "HELP", .add([])), "there is a pool named \"Help\" already"
        ),
        (
            DeskEdit(.pools, "Help", .set([DeskAssignment("calendar", .set(.yaml("offce")))])),
            "pool Help, calendar: no calendar is named \"offce\"; did you mean \"office\"?"
        ),
        (
            DeskEdit(.pools, "Help", .set([DeskAssignment("calender", .set(.yaml("office")))])),
            "pool Help, calender: unknown key; did you mean \"calendar\"?"
        ),
        (
            DeskEdit(.pools, "Sales", .add([])),
            "pool Sales, addresses: is missing; give the addresses that customers write to"
        ),
        (
            DeskEdit(.groups, "returns", .remove), "rule refunds, then.group still names it"
        ),
        (
            DeskEdit(.calendars, "office", .remove), "pool Help, calendar still names it"
        ),
        (
            DeskEdit(.pools, "Help", .set([DeskAssignment("name", .set(.yaml("Aid")))])),
            "name: a name is changed with rename"
        ),
        (
            DeskEdit(.folders, "Systems", .rename(to: "newsletters")), "there is a folder named \"Newsletters\" already"
        ),
        (
            DeskEdit(.folders, "Systems", .rename(to: "a*b")),
            "folder a*b: \"a*b\" cannot be a name; names have at most 100 octets, no / * % and no space at either end"
        ),
        (
            DeskEdit(.templates, "received", .set([DeskAssignment("text", .set(.yaml("a: b: c")))])),
            "text: is not YAML: mapping values are not allowed in this context; put a text with special characters in quotes"
        ),
        (
            DeskEdit(.pools, "Help", .set([DeskAssignment("members", .drop(.yaml("nobody@acme.example")))])),
            "members: holds nothing of that name"
        ),
        (
            DeskEdit(.agents, "agent1@acme.example", .set([DeskAssignment("imapWithout", .set(.yaml("[ QRSYNC ]")))])),
            "agent agent1@acme.example, imapWithout[0]: \"QRSYNC\" is no capability that an account can be without; did you mean \"QRESYNC\"?"
        ),
        (
            DeskEdit(.folders, "Systems", .set([DeskAssignment("colour", .set(.yaml("red")))])),
            "colour: unknown key; a folder has nothing but its name"
        ),
    ]

    @Test func `a dictionary is edited once, and the questions that use it follow`() throws {
        var desk = try #require(DeskFile.parse(Self.stored, fileName: "d").desk)
        desk.dictionaries = [DictionaryDefinition(name: "products", values: ["kettle"])]
        let question = QuestionDefinition(name: "product", text: "Which?", kind: .choice(.dictionary("products")))
        desk.pools[0].questions = [question]
        desk.pools[0].addresses[0].questions = [question]
        let editor = DeskEditor()
        func edit(_ name: String, _ action: DeskEdit.Action) throws -> DeskDefinition {
            try editor.edit(DeskFile.write(desk), DeskEdit(.dictionaries, name, action)).desk
        }
        desk = try edit("Products", .set([DeskAssignment("values", .append(.yaml("toaster")))]))
        #expect(desk.dictionaries[0].values == ["kettle", "toaster"])
        desk = try edit("products", .rename(to: "goods"))
        #expect(desk.choices(of: desk.pools[0].questions[0]) == ["kettle", "toaster"])
        #expect(desk.choices(of: desk.pools[0].addresses[0].questions[0]) == ["kettle", "toaster"])
        desk = try edit("colours", .add([DeskAssignment("values", .set(.yaml("[ red, blue ]")))]))
        #expect(desk.dictionaries.count == 2)
        #expect(throws: DeskEditRefusal.self) { try edit("goods", .remove) }
        #expect(throws: DeskEditRefusal.self) { try edit("goods", .set([DeskAssignment("colour", .set(.yaml("red")))])) }
        desk = try edit("colours", .remove)
        #expect(desk.dictionaries.map(\.name) == ["goods"])
    }

    @Test(arguments: refusals) func `a refusal names the part, the key and what would be right`(
        edit: DeskEdit, sentence: String
    ) {
        #expect(refusal(of: edit)?.sentences == [sentence])
    }

    @Test func `no edit of hostile values ends the process`() {
        let values = ["", "{", "&a [ *a ]", "!!binary x", "\u{0}", "- - - -"]
        for section in DeskSection.allCases {
            for value in values {
                for path in ["", "..", "members.", "\"a", "then.x"] {
                    for operation in [DeskAssignment.Operation.set(.yaml(value)), .append(.yaml(value))] {
                        let name = YAMLSource(Self.stored).root.flatMap(DeskTree.init)?.names(of: section).first ?? ""
                        _ = refusal(of: DeskEdit(section, name, .set([DeskAssignment(path, operation)])))
                        _ = refusal(of: DeskEdit(section, "n", .add([DeskAssignment(path, operation)])))
                    }
                }
            }
        }
    }
}
