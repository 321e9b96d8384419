import Foundation
import Synchronization

/// Customers who write without pause over several connections, until the server is gone or they are told to stop. It
/// keeps book of what was tried and what was acknowledged.
///
/// `@unchecked Sendable`: everything that changes is touched only with `condition` held.
final class Load: @unchecked Sendable {
    private let condition = NSCondition()
    private var tried: [CustomerMail] = []
    private var acknowledgedIDs: Set<String> = []
    private var refusals: [String] = []
    private var running = 0
    private var isStopped = false

    /// Begins. Every mail has a subject of its own: `PREFIX-NUMBER.`.
    init(port: Int, sessions: Int, prefix: String, bodyLength: Int = 2000) {
        running = sessions
        for session in 0..<sessions {
            Thread { [self] in
                write(port: port, prefix: "\(prefix)-\(session)", bodyLength: bodyLength)
                condition.withLock {
                    running -= 1
                    condition.broadcast()
                }
            }.start()
        }
    }

    private func write(port: Int, prefix: String, bodyLength: Int) {
        guard let dialogue = try? SMTPDialogue(port: port), (try? dialogue.begin()) != nil else { return }
        for number in 0... {
            var mail = CustomerMail(subject: "\(prefix)-\(number).")
            mail.body = String(repeating: "x", count: bodyLength) + "\n"
            let mayGoOn = condition.withLock {
                if !isStopped { tried.append(mail) }
                return !isStopped
            }
            guard mayGoOn, let reply = try? dialogue.mail(from: "jan@customer.example", to: ["help@acme.example"], mail.octets)
            else { return }
            condition.withLock {
                if reply.hasPrefix("250") { acknowledgedIDs.insert(mail.id) } else { refusals.append(reply) }
                condition.broadcast()
            }
        }
    }

    /// Waits until so many mails were acknowledged or refused.
    func waitForReplies(_ count: Int) throws {
        let end = Date(timeIntervalSinceNow: 60)
        let isThere = condition.withLock {
            while acknowledgedIDs.count + refusals.count < count, running > 0, condition.wait(until: end) {}
            return acknowledgedIDs.count + refusals.count >= count
        }
        guard isThere else { throw WaitedInVain("\(count) mails were not answered") }
    }

    /// Tells the writers to stop, and waits for the last of them.
    func finish() throws {
        let end = Date(timeIntervalSinceNow: 60)
        let hasEnded = condition.withLock {
            isStopped = true
            while running > 0, condition.wait(until: end) {}
            return running == 0
        }
        guard hasEnded else { throw WaitedInVain("the writers do not end") }
    }

    var acknowledged: [CustomerMail] { condition.withLock { tried.filter { acknowledgedIDs.contains($0.id) } } }
    var unacknowledged: [CustomerMail] { condition.withLock { tried.filter { !acknowledgedIDs.contains($0.id) } } }
    var refused: [String] { condition.withLock { refusals } }
}
