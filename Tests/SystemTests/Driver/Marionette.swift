import Foundation

/// The automation protocol of Mozilla's programs: numbered commands and their answers as JSON, each after its length.
/// Scripts run with the rights of the program's own windows.
final class Marionette {
    /// A dialogue of the program opened while a script ran; what the script returned is lost.
    struct DialogueOpened: Error {}
    /// A dialogue stood open when a command came, and was dismissed.
    struct DialogueDismissed: Error { let text: String }

    private let wire: WireClient
    private var count = 0

    /// Connects, reads the greeting and begins a session.
    init(port: Int) throws {
        wire = try WireClient(port: port)
        _ = try read()
        _ = try run("WebDriver:NewSession", ["capabilities": ["alwaysMatch": [String: Any]()]])
        _ = try run("Marionette:SetContext", ["value": "chrome"])
    }

    /// Runs the body of an async function with these arguments, and gives what it returns.
    func evaluate<Value: Decodable>(_ script: String, _ arguments: [Any], as type: Value.Type = Value.self) throws -> Value {
        let body = """
            const done = arguments[arguments.length - 1];
            (async parameters => { \(script) })(Array.from(arguments).slice(0, -1)).then(
                value => done(JSON.stringify([value ?? null])), error => done(`${error}\\n${error.stack}`));
            """
        let answer = try run(
            "WebDriver:ExecuteAsyncScript",
            ["script": body, "args": arguments, "newSandbox": true, "sandbox": "system", "scriptTimeout": 55_000])
        guard let text = (answer as? [String: Any])?["value"] as? String else { throw DialogueOpened() }
        guard let values = try? JSONDecoder().decode([Value].self, from: Data(text.utf8)), let value = values.first else {
            throw WaitedInVain(text)
        }
        return value
    }

    /// Sends a command and gives its result.
    @discardableResult func run(_ command: String, _ parameters: [String: Any] = [:]) throws -> Any {
        count += 1
        let message = try JSONSerialization.data(withJSONObject: [0, count, command, parameters])
        try wire.send(Array("\(message.count):".utf8) + message)
        guard let answer = try read() as? [Any], answer.count == 4 else { throw WaitedInVain("\(command) has no answer") }
        if answer[2] is NSNull { return answer[3] }
        let failure = answer[2] as? [String: Any]
        if failure?["error"] as? String == "unexpected alert open", let data = failure?["data"] as? [String: Any] {
            throw DialogueDismissed(text: data["text"] as? String ?? "")
        }
        throw WaitedInVain("\(command): \(answer[2])")
    }

    private func read() throws -> Any {
        var length = 0
        while let digit = try wire.read(count: 1).first, digit != UInt8(ascii: ":") {
            length = length * 10 + Int(digit) - 0x30
        }
        return try JSONSerialization.jsonObject(with: Data(try wire.read(count: length)))
    }
}
