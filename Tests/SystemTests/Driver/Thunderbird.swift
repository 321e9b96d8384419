import Foundation
import Glibc
import TestKit

/// A Thunderbird with a new profile on a screen of its own, with the account of one agent. Ends with the value.
final class Thunderbird {
    /// A row of the message list.
    struct Row: Decodable, CustomStringConvertible {
        let level: Int
        let subject: String
        let from: String
        let isRead: Bool
        let isFlagged: Bool
        let isReplied: Bool
        let tags: String
        var description: String { "\(String(repeating: "  ", count: level))\(subject) (\(tags))" }
    }

    /// A folder of the account and what Thunderbird takes it for.
    struct Folder: Decodable {
        let path: String
        let isSelectable: Bool
        let uses: [String]
    }

    /// A reply as its window had it.
    struct Reply: Decodable {
        let to: [String]
        let subject: String
    }

    /// Whether tests with it are wanted; it must be installed then.
    static let isWanted = ProcessInfo.processInfo.environment["STEMPEL_THUNDERBIRD"] == "1"

    private let directory = TemporaryDirectory()
    private let screen: ChildProcess
    private let process: ChildProcess
    private let marionette: Marionette
    private let steps: String

    /// Starts it, trusts the appliance's certificate and makes the account.
    init(of agent: SampleDesk.Agent, name: String, at appliance: RunningAppliance) throws {
        steps = try Fixtures.text("Thunderbird/steps.js")
        screen = try ChildProcess(["Xvfb", "-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
        guard let display = screen.output.wait(for: \.first) else {
            throw WaitedInVain("there is no screen: \(screen.errors.all)")
        }
        directory.write(try Fixtures.text("Thunderbird/user.js"), to: "user.js")
        process = try ChildProcess(
            [
                "/usr/lib/thunderbird/thunderbird", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile",
                directory.path,
            ],
            environment: [
                "DISPLAY": ":\(display)", "HOME": directory.path, "TMPDIR": directory.path, "LC_ALL": "C.UTF-8",
                "TZ": "Europe/Warsaw", "MOZ_CRASHREPORTER_DISABLE": "1", "NO_AT_BRIDGE": "1", "MOZ_ENABLE_WAYLAND": "0",
                "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            ])
        let line = process.output.wait { $0.first { $0.contains("Listening on port") } }
            ?? process.errors.wait(.seconds(1)) { $0.first { $0.contains("Listening on port") } }
        guard let port = line?.split(separator: " ").last.flatMap({ Int($0) }) else {
            throw WaitedInVain("Thunderbird does not start: \(process.output.all + process.errors.all)")
        }
        marionette = try Marionette(port: port)
        try addAccount(of: agent, name: name, at: appliance)
    }

    deinit { _ = try? marionette.run("Marionette:Quit", ["flags": ["eForceQuit"]]) }

    private func addAccount(of agent: SampleDesk.Agent, name: String, at appliance: RunningAppliance) throws {
        let file = appliance.installation.directory.file("mx.pem")
        let certificate = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("-----") }.joined()
        let host = TestInstallation.hostname
        let _: String? = try step("trust", certificate, host, [appliance.imap, appliance.submissions])
        let _: String? = try step(
            "addAccount", host, appliance.imap, appliance.submissions, name, agent.login, agent.password)
    }

    private func step<Value: Decodable>(_ name: String, _ arguments: Any...) throws -> Value {
        try marionette.evaluate("\(steps)\nreturn steps.\(name)(...parameters);", arguments)
    }

    // MARK: - Steps

    /// Opens a folder and waits until it shows so many messages.
    @discardableResult func open(_ path: String, count: Int) throws -> [Row] { try step("open", path, count) }

    /// Waits until the open folder shows so many messages.
    @discardableResult func rows(count: Int) throws -> [Row] { try step("rows", count) }

    /// All folders, when one of this path is there.
    func folders(with path: String) throws -> [Folder] { try step("folders", path) }

    /// Shows a message, of an author who is called so; its text.
    @discardableResult func show(_ subject: String, from: String = "") throws -> String { try step("show", subject, from) }

    /// A command of menus and keys on the shown message.
    func command(_ name: String) throws { let _: String? = try step("command", name) }

    /// Drags a message to a folder.
    func drag(_ subject: String, to path: String) throws { let _: String? = try step("drag", subject, path) }

    /// Answers the shown message and waits until the answer is sent and filed.
    func reply(_ text: String) throws -> Reply { try step("reply", text) }

    /// The messages of all folders whose text holds this as the server finds them, as `folder: subject`.
    func search(_ text: String) throws -> [String] { try step("search", text) }

    /// Waits until it is neither reading nor writing.
    func rest() throws { let _: String? = try step("rest") }

    /// Waits for an alert and closes it; its text.
    func alert() throws -> String {
        do {
            return try step("alert")
        } catch is Marionette.DialogueOpened {
            return try alert()
        } catch let dismissed as Marionette.DialogueDismissed {
            return dismissed.text
        }
    }

    /// The alerts that stand open.
    func alerts() throws -> [String] { try step("alerts") }

    /// A picture of the main window, when STEMPEL_PICTURES names a folder for them.
    func picture(_ name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["STEMPEL_PICTURES"], !folder.isEmpty else { return }
        let _: String? = try step("paint")
        guard let answer = try marionette.run("WebDriver:TakeScreenshot", ["full": true]) as? [String: Any],
            let text = answer["value"] as? String, let data = Data(base64Encoded: text)
        else { throw WaitedInVain("there is no picture") }
        try data.write(to: URL(fileURLWithPath: folder).appendingPathComponent("\(name).png"))
    }
}
