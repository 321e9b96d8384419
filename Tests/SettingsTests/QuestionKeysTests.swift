import Desk
import Testing

@testable import Settings

@Suite struct QuestionKeysTests {
    private static func desk(_ questions: String) -> String {
        """
        domain: acme.example
        postmaster: Help
        dictionaries:
          products: [ kettle, "1" ]
        pools:
          - name: Help
            addresses:
              - { address: help@acme.example, questions: [ { name: bought, text: "Where?", choices: [ web, shop ] } ] }
            questions:
        \(questions)

        """
    }

    @Test func `questions of pools and addresses are read, written, and read again`() throws {
        let text = Self.desk(
            """
                  - { name: product, text: "Which product?", choices: products, required: true }
                  - { name: amount, text: "How much?", kind: number }
                  - { name: until, text: "Until when?", kind: date }
                  - { name: known, text: "Known?", kind: yes-no }
                  - { name: else, text: "What else?", kind: text }
                  - { name: colour, text: "Which?", kind: choice, choices: [ red, blue ] }
            """)
        let (parsed, problems) = DeskFile.parse(text, fileName: "desk.yaml")
        #expect(problems.map(\.description) == [])
        let desk = try #require(parsed)
        #expect(desk.dictionaries == [DictionaryDefinition(name: "products", values: ["kettle", "1"])])
        #expect(
            desk.pools[0].questions == [
                QuestionDefinition(
                    name: "product", text: "Which product?", kind: .choice(.dictionary("products")), isRequired: true),
                QuestionDefinition(name: "amount", text: "How much?", kind: .number),
                QuestionDefinition(name: "until", text: "Until when?", kind: .date),
                QuestionDefinition(name: "known", text: "Known?", kind: .yesNo),
                QuestionDefinition(name: "else", text: "What else?"),
                QuestionDefinition(name: "colour", text: "Which?", kind: .choice(.list(["red", "blue"]))),
            ])
        #expect(desk.pools[0].addresses[0].questions.map(\.name) == ["bought"])
        #expect(DeskFile.parse(DeskFile.write(desk), fileName: "export").desk == desk)
    }

    static let faults: [(question: String, reason: String)] = [
        ("{ text: \"?\" }", "is missing"),
        ("{ name: a, text: \"?\", choices: produts }", "no dictionary is named \"produts\""),
        ("{ name: a, text: \"?\", kind: choice }", "offers nothing to choose from"),
        ("{ name: a, text: \"?\", kind: number, choices: products }", "does not go with choices"),
        ("{ name: a, text: \"?\", kind: numbr }", "\"numbr\" is not possible here"),
        ("{ name: a, text: \"?\", choices: [ x, X ] }", "\"X\" is in the list twice or too long"),
        ("{ name: a, text: \"?\", choices: [] }", "is empty"),
        ("{ name: \"a=b\", text: \"?\" }", "contains ="),
    ]

    @Test(arguments: faults) func `what is wrong with a question is said with its line`(
        question: String, reason: String
    ) {
        let problems = DeskFile.parse(Self.desk("      - \(question)"), fileName: "desk.yaml").problems
        #expect(problems.map(\.reason) == [reason])
        #expect(problems.allSatisfy { $0.description.contains("desk.yaml:10:") })
    }
}
