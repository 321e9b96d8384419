package import Gateway
package import Logging
import MailFormat
package import MailTypes
import MilterProtocol
package import NIOCore
import NIOPosix

/// A filter that speaks the milter protocol: rspamd, clamav-milter, OpenDKIM. One connection for one mail.
package struct MilterFilter: MailFilter {
    /// Where the filter is, and what is done without it.
    package struct Configuration: Sendable {
        package enum Address: Sendable {
            case tcp(host: String, port: Int)
            case unix(path: String)
        }
        package enum Failure: String, Sendable {
            /// The mail is taken unseen.
            case accept
            /// 451: the sender tries again later.
            case temporaryFailure = "tempfail"
        }

        package var name: String
        package var address: Address
        package var onFailure: Failure
        /// For one mail, from the connection to the last word.
        package var deadline: Duration

        package init(name: String, address: Address, onFailure: Failure, deadline: Duration) {
            (self.name, self.address, self.onFailure, self.deadline) = (name, address, onFailure, deadline)
        }
    }

    package var name: String { configuration.name }
    private let configuration: Configuration
    private let hostname: DomainName
    private let group: any EventLoopGroup
    private let logger: Logger

    package init(_ configuration: Configuration, hostname: DomainName, group: any EventLoopGroup, logger: Logger) {
        (self.configuration, self.hostname, self.group, self.logger) = (configuration, hostname, group, logger)
    }

    package func judge(_ mail: FilteredMail) async -> FilterVerdict {
        do {
            let verdict = try await withThrowingTaskGroup(of: MilterVerdict.self) { tasks in
                tasks.addTask { try await ask(mail) }
                tasks.addTask {
                    try await Task.sleep(for: configuration.deadline)
                    throw Overdue()
                }
                defer { tasks.cancelAll() }
                guard let first = try await tasks.next() else { throw Overdue() }
                return first
            }
            return FilterVerdict(verdict)
        } catch {
            logger.error(
                "a filter did not answer",
                metadata: [
                    "filter.name": "\(configuration.name)", "filter.failure": "\(error)",
                    "filter.mail": configuration.onFailure == .accept ? "accepted unseen" : "put off",
                ])
            return configuration.onFailure == .accept ? FilterVerdict(.accept) : FilterVerdict(.refuse(.filterUnavailable))
        }
    }

    private func ask(_ mail: FilteredMail) async throws -> MilterVerdict {
        let channel = try await connect()
        return try await channel.executeThenClose { inbound, outbound in
            var dialogue = MilterDialogue(about: MilterMail(mail, hostname: hostname))
            var reader = MilterPacketReader()
            var packets = inbound.makeAsyncIterator()
            var offset = 0
            while true {
                switch dialogue.next() {
                case .send(let octets): try await outbound.write(ByteBuffer(bytes: octets))
                case .receive:
                    while true {
                        if let packet = try reader.next() {
                            try dialogue.take(packet)
                            break
                        }
                        guard let buffer = try await packets.next() else { throw MilterFault.closed }
                        reader.append(buffer.readableBytesView)
                    }
                case .readBody:
                    let piece = try await mail.body(offset, MilterDialogue.maximumPiece)
                    offset += piece.count
                    dialogue.supply(piece.isEmpty ? nil : piece)
                case .end(let verdict):
                    // It is polite to say so, and no matter if nobody hears it.
                    try? await outbound.write(ByteBuffer(bytes: MilterPacket("Q").encoded))
                    return verdict
                }
            }
        }
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: group).connectTimeout(TimeAmount(configuration.deadline))
        @Sendable func wrap(_ channel: any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel(wrappingChannelSynchronously: channel)
            }
        }
        return switch configuration.address {
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        }
    }

    private struct Overdue: Error, CustomStringConvertible {
        let description = "it took too long"
    }
}

extension Reply {
    /// A filter that every mail has to pass is not there.
    static let filterUnavailable = Reply(
        451, EnhancedStatus(4, 7, 1), "This mail cannot be looked at now, try again later")
}

extension MilterMail {
    fileprivate init(_ mail: FilteredMail, hostname: DomainName) {
        let address = mail.peer.address
        let client: Client = IPAddress(address).map { $0.family == .v4 ? .ipv4(address) : .ipv6(address) } ?? .unknown
        let path = mail.envelope.reversePath.map { "\($0)" } ?? ""
        var connection: [(name: String, value: String)] = [
            ("j", hostname.ascii), ("{daemon_name}", "stempel"), ("v", "Stempel"),
        ]
        connection.append(("{client_addr}", address))
        var greeting: [(name: String, value: String)] = []
        if let tls = mail.peer.tls { greeting = [("{tls_version}", tls.version), ("{cipher}", tls.cipher)] }
        self.init(
            hostname: "[\(address)]", client: client, helo: mail.peer.helo, reversePath: "<\(path)>",
            recipients: mail.envelope.recipients.map { "<\($0)>" },
            header: mail.header.fields.filter { !$0.isMalformed }.map { field in
                (Array(mail.header.octets[field.name]), Array(mail.header.octets[field.body]))
            },
            macros: [
                .connect: connection, .helo: greeting, .mail: [("i", mail.id), ("{mail_addr}", path)],
                .recipient: mail.envelope.recipients.count == 1
                    ? [("{rcpt_addr}", mail.envelope.recipients.first.map { "\($0)" } ?? "")] : [],
                .endOfMail: [("i", mail.id)],
            ])
    }
}

extension FilterVerdict {
    fileprivate init(_ verdict: MilterVerdict) {
        let decision: Decision =
            switch verdict.decision {
            case .accept: .accept
            case .discard: .discard
            case .reject(let text): .refuse(Reply(milter: text, code: 550, EnhancedStatus(5, 7, 1), "Not accepted"))
            case .temporaryFailure(let text):
                .refuse(Reply(milter: text, code: 451, EnhancedStatus(4, 7, 1), "Not accepted now, try again later"))
            }
        self.init(
            decision,
            changes: verdict.changes.map { change in
                switch change {
                case .add(let name, let value): .add(name: name, value: value)
                case .replace(let name, let occurrence, let value):
                    .replace(name: name, occurrence: occurrence, value: value)
                }
            }, isQuarantined: verdict.quarantine != nil)
    }
}

extension Reply {
    /// `550 5.7.1 Spam` as the filter said it, where it is a reply of that kind; else the given one.
    fileprivate init(milter text: String?, code: ReplyCode, _ status: EnhancedStatus, _ sentence: String) {
        self.init(code, status, sentence)
        guard let words = text?.split(separator: " ", maxSplits: 1), let number = words.first.flatMap({ Int($0) }),
            let own = ReplyCode(number), own.severity == code.severity
        else { return }
        self.code = own
        var rest = words.count > 1 ? words[1] : ""
        let digits = rest.prefix { $0 != " " }.split(separator: ".").map { UInt16($0) }
        if digits.count == 3, let subject = digits[1], let detail = digits[2], digits[0] == UInt16(status.class) {
            self.status = EnhancedStatus(status.class, subject, detail)
            rest = rest.drop { $0 != " " }.drop { $0 == " " }
        }
        if !rest.isEmpty { lines = [String(rest)] }
    }
}
