import Gateway
import MailFormat
import MailTypes
import Synchronization
import Testing

/// Several filters at one connection.
@Suite struct FilterChainTests {
    /// Says what the rows of its step say, one after the other, then accepts; notes what it hears.
    private final class Script: MailFilter, FilterSession {
        let name: String
        let thresholds: ScoreThresholds?
        private let answers: Mutex<[String: [FilterVerdict]]>
        private let heardSteps = Mutex<[String]>([])
        var heard: [String] { heardSteps.withLock { $0 } }

        init(_ name: String, _ answers: [String: [FilterVerdict]] = [:], thresholds: ScoreThresholds? = nil) {
            self.thresholds = thresholds
            self.name = name
            self.answers = Mutex(answers)
        }

        func session() -> any FilterSession { self }
        func abort() async { heardSteps.withLock { $0.append("abort") } }
        func end() async { heardSteps.withLock { $0.append("end") } }

        func ask(_ question: FilterQuestion) async -> FilterVerdict {
            let step =
                switch question {
                case .connection: "connection"
                case .greeting: "greeting"
                case .sender: "sender"
                case .recipient(let address): address.localPart
                case .content: "content"
                case .mail(let mail): "mail" + mail.header.all("X-Seen").map { " \($0.name.count)" }.joined()
                }
            heardSteps.withLock { $0.append(step) }
            return answers.withLock { $0[step]?.isEmpty == false ? $0[step]?.removeFirst() : nil } ?? FilterVerdict(.accept)
        }
    }

    private static let refusal = Reply(550, EnhancedStatus(5, 7, 1), "No")
    private static let refused = FilterVerdict(.refuse(refusal))
    private static let sender = FilterQuestion.sender(Envelope(reversePath: nil), id: "q1")

    private static func recipient(_ name: String) -> FilterQuestion {
        .recipient(EmailAddress("\(name)@acme.example")!)
    }

    private static func ask(_ connection: FilteredConnection, _ question: FilterQuestion) async -> FilterRefusal? {
        await withCheckedContinuation { continuation in
            connection.ask(question) { continuation.resume(returning: $0) }
        }
    }

    private func connection(_ scripts: Script...) throws -> FilteredConnection {
        try #require(FilterChain(scripts).connection())
    }

    @Test func `without filters there is nothing to tell`() { #expect(FilterChain([]).connection() == nil) }

    @Test func `a refused recipient is refused alone, and who refuses is named`() async throws {
        let (first, second) = (Script("first"), Script("second", ["bad": [Self.refused]]))
        let connection = try connection(first, second)
        #expect(await Self.ask(connection, Self.sender) == nil)
        let refusal = await Self.ask(connection, Self.recipient("bad"))
        #expect(refusal?.reply == Self.refusal && refusal?.filter == "second")
        #expect(await Self.ask(connection, Self.recipient("good")) == nil)
        #expect(first.heard == ["sender", "bad", "good"] && second.heard == first.heard)
    }

    @Test func `a refused sender is a mail for nobody`() async throws {
        let (first, second) = (Script("first"), Script("second", ["sender": [Self.refused]]))
        let third = Script("third")
        let connection = try connection(first, second, third)
        #expect(await Self.ask(connection, Self.sender)?.filter == "second")
        #expect(first.heard == ["sender", "abort"] && third.heard == ["abort"])
    }

    @Test func `what one throws away nobody is asked about until the next mail`() async throws {
        let (first, second) = (Script("first", ["good": [FilterVerdict(.discard)]]), Script("second"))
        let connection = try connection(first, second)
        for question in [Self.sender, Self.recipient("good"), Self.recipient("other"), .content] {
            #expect(await Self.ask(connection, question) == nil)
        }
        #expect(first.heard == ["sender", "good", "abort"] && second.heard == ["sender", "abort"])
        #expect(await Self.ask(connection, Self.sender) == nil)
        #expect(second.heard == ["sender", "abort", "sender"])
    }

    @Test func `filters hear in order, and that the client has gone`() async throws {
        let script = Script("only")
        let connection = try connection(script)
        #expect(await Self.ask(connection, .connection(IPAddress("192.0.2.1")!, port: 2525, name: nil)) == nil)
        connection.abort()
        #expect(await Self.ask(connection, .greeting("client.example", tls: nil)) == nil)
        connection.end()
        while script.heard.last != "end" { await Task.yield() }
        #expect(script.heard == ["connection", "abort", "greeting", "end"])
    }
}
