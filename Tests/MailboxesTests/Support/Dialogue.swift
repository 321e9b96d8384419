import Mailboxes
import Testing

/// A dialogue between clients and the server, written as it goes over the wire. Write it in `#"""`, so that flags need
/// no second backslash:
///
///     C: SELECT New                  a command; the tag is put in front
///     S: * 1 EXISTS                  a line of the answer; all of them must be there, in this order
///     S: ...                         any lines, or none
///     S: a OK [READ-WRITE] *         the tag shows as `a`; `*` stands for anything but in front and in `\*`
///     S! * LIST (*\Noselect*         no line of the answer looks like this
///     C| DONE                        a line as it is, without a tag; `␍␊` begins another one in the same packet, `␀` is NUL
///     W:                             what the client is told without asking
///     C bartek: NOOP                 the session of another agent; `anna2` is a second one of anna
///     S: * OK [COPYUID ${v} 1 1] *   keeps what stands there as `v`: from now on `${v}` means just that, in C: too
///     D: 7                           mail 7 is delivered
///
/// Empty lines and lines that begin with `#` mean nothing. A session begins, logged in, with its first line.
final class Dialogue {
    private let desk: TestDesk
    private let agent: String?
    private let configuration: SessionConfiguration
    private var clients: [String: TestClient] = [:]
    private var tags: [String: Int] = [:]
    /// What `${name}` stands for.
    private(set) var kept: [String: String] = [:]

    /// Lines without a name are `agent`'s; `nil`: of a session that is not logged in.
    init(
        _ desk: TestDesk, as agent: String? = "anna",
        _ configuration: SessionConfiguration = SessionConfiguration(announcementInterval: .zero)
    ) {
        (self.desk, self.agent, self.configuration) = (desk, agent, configuration)
    }

    /// Holds the dialogue on from where the last text ended.
    func run(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var turn: Turn?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.drop { $0 == " " }
            var place = sourceLocation
            place.line += index + 1
            switch DialogueLine(line) {
            case .nothing: continue
            case .answer(let pattern): turn?.patterns.append(pattern)
            case .forbidden(let pattern): turn?.forbidden.append(pattern)
            case .unreadable: Issue.record("Not a line of a dialogue: \(line)", sourceLocation: place)
            case let said:
                settle(turn)
                turn = Turn(said: String(line), lines: try await say(said), place: place)
            }
        }
        settle(turn)
    }

    /// What is said and what must come of it.
    private struct Turn {
        var said: String
        var lines: [String]
        var place: SourceLocation
        var patterns: [LinePattern] = []
        var forbidden: [LinePattern] = []
    }

    private func settle(_ turn: Turn?) {
        guard let turn else { return }
        let shown = turn.lines.map { "S: \($0)" }.joined(separator: "\n")
        if let kept = LinePattern.match(turn.patterns[...], turn.lines[...], kept) {
            self.kept = kept
        } else {
            let wanted = turn.patterns.map { "S: \($0.text)" }.joined(separator: "\n")
            Issue.record("\(turn.said)\nbrought\n\(shown)\ninstead of\n\(wanted)", sourceLocation: turn.place)
        }
        for pattern in turn.forbidden {
            for line in turn.lines where LinePattern.match([pattern], [line], kept) != nil {
                Issue.record("\(turn.said)\nbrought\nS: \(line)", sourceLocation: turn.place)
            }
        }
    }

    private func say(_ line: DialogueLine) async throws -> [String] {
        switch line {
        case .command(let name, let text):
            let (key, client) = try await client(name)
            let number = tags[key, default: 0] + 1
            tags[key] = number
            return show(try await client.write("d\(number) \(filled(text))\r\n"), key)
        case .octets(let name, let text):
            let (key, client) = try await client(name)
            return show(try await client.write(filled(text) + "\r\n"), key)
        case .wake(let name):
            let (key, client) = try await client(name)
            return show(try await client.told(), key)
        case .delivery(let number):
            await desk.deliver(number)
            return []
        case .nothing, .answer, .forbidden, .unreadable: return []
        }
    }

    private func client(_ name: String) async throws -> (String, TestClient) {
        if let client = clients[name] { return (name, client) }
        let client = TestClient(desk, configuration)
        clients[name] = client
        try await client.start()
        let login = name.isEmpty ? agent : String(name.prefix { !$0.isNumber })
        if let login { try await client.say("LOGIN \(login)@acme.example secret") }
        return (name, client)
    }

    private func filled(_ text: String) -> String {
        var text = text.replacing("␍␊", with: "\r\n").replacing("␀", with: "\0")
        for (name, value) in kept { text = text.replacing("${\(name)}", with: value) }
        return text
    }

    private func show(_ lines: [String], _ key: String) -> [String] {
        let tag = "d\(tags[key, default: 0]) "
        return lines.map { $0.hasPrefix(tag) ? "a " + $0.dropFirst(tag.count) : $0 }
    }
}

extension TestDesk {
    /// A dialogue that begins and ends here.
    func dialogue(
        as agent: String? = "anna", _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await Dialogue(self, as: agent).run(text, sourceLocation: sourceLocation)
    }
}

/// A line of a dialogue as it is written.
private enum DialogueLine {
    case nothing
    case command(String, String)
    case octets(String, String)
    case wake(String)
    case delivery(Int)
    case answer(LinePattern)
    case forbidden(LinePattern)
    case unreadable

    init(_ line: Substring) {
        guard let kind = line.first, kind != "#" else {
            self = .nothing
            return
        }
        guard let end = line.firstIndex(where: { $0 == ":" || $0 == "|" || $0 == "!" }) else {
            self = .unreadable
            return
        }
        let name = line[..<end].dropFirst().filter { $0 != " " }
        var text = line[end...].dropFirst()
        if text.first == " " { text = text.dropFirst() }
        switch (kind, line[end]) {
        case ("C", ":"): self = .command(name, String(text))
        case ("C", "|"): self = .octets(name, String(text))
        case ("W", ":"): self = .wake(name)
        case ("D", ":"): self = Int(text).map { .delivery($0) } ?? .unreadable
        case ("S", ":"): self = .answer(LinePattern(String(text)))
        case ("S", "!"): self = .forbidden(LinePattern(String(text)))
        default: self = .unreadable
        }
    }
}
