import Desk
import Foundation
import Gateway
import MailTypes
import Settings

/// `stempel rules test`: shows rule after rule what would be done with a mail.
package struct RulesTest: Sendable {
    private let configuration: String

    package init(configuration: String) { self.configuration = configuration }

    /// `file` is a mail as it would arrive; `-` is standard input.
    package func run(file: String, sender: String?, recipients: [String], isKnownCustomer: Bool) async throws -> String {
        let octets = try read(file)
        let text = try await CommandLineDesk(configuration: configuration).export()
        guard let desk = DeskFile.parse(text, fileName: "stored desk", isStored: true).desk else {
            throw CommandFailure(.software, "the stored desk cannot be read")
        }
        let hearings = RuleTrial(desk, libraries: .system).run(
            octets, sender: try sender.map(address), recipients: try recipients.map(address),
            isKnownCustomer: isKnownCustomer, at: SystemClock().now, within: BoundedRuleThread.budget())
        guard !hearings.isEmpty else {
            throw CommandFailure(
                .noUser, "\(file): no recipient is an address of the desk; name one with --recipient")
        }
        return hearings.map(describe).joined()
    }

    private func read(_ file: String) throws -> [UInt8] {
        let data: Data
        if file == "-" {
            data = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            do {
                data = try Data(contentsOf: URL(fileURLWithPath: file))
            } catch {
                throw CommandFailure(.noInput, "\(file): \(error.localizedDescription)")
            }
        }
        // Files have the line ends of the system, mail has its own.
        var octets: [UInt8] = []
        octets.reserveCapacity(data.count + data.count / 32)
        var last: UInt8 = 0
        for octet in data {
            if octet == 0x0A, last != 0x0D { octets.append(0x0D) }
            octets.append(octet)
            last = octet
        }
        return octets
    }

    private func address(_ text: String) throws -> EmailAddress {
        guard let address = EmailAddress(text) else { throw CommandFailure(.dataError, "\(text): no mail address") }
        return address
    }

    private func describe(_ hearing: RuleTrial.Hearing) -> String {
        var lines = ["\(hearing.recipient), pool \(hearing.pool):"]
        for step in hearing.steps {
            var line = "  \(step.rule): \(step.holds ? "holds" : "does not hold")"
            if step.isExhausted { line += " (an expression took too long and counts as not found)" }
            if !step.actions.isEmpty { line += " - " + step.actions.map(Self.words).joined(separator: ", ") }
            if step.stops { line += "; no later rule is asked" }
            lines.append(line)
        }
        if hearing.steps.isEmpty { lines.append("  the desk has no rules") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func words(_ action: RuleAction) -> String {
        switch action {
        case .pool(let name): "pool \(name)"
        case .group(let name): "group \(name)"
        case .agent(let login): "agent \(login)"
        case .tag(let name): "tag \(name)"
        case .status(let status): "status \(status.rawValue)"
        case .reject(let sentence): "refused with \"\(sentence)\""
        case .spam: "spam"
        case .folder(let name): "folder \(name)"
        case .priority(let priority): "priority \(priority.rawValue)"
        case .category(let name): "category \(name)"
        case .customerField(let name, let value): "customer's \(name) \(value)"
        case .autoReply(.silent): "no automatic answer"
        case .autoReply(.template(let name)): "automatic answer \(name)"
        case .forward(let addresses): "forwarded to \(addresses.map(\.description).joined(separator: " "))"
        case .copy(let addresses): "copied to \(addresses.map(\.description).joined(separator: " "))"
        }
    }
}
