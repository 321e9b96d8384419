package import Gateway
package import NIOCore
import NIOPosix

/// Teaches rspamd over the HTTP interface of its controller: one connection for each mail, which streams through.
package struct RspamdController: SpamTeacher {
    private let address: MilterFilter.Configuration.Address
    private let password: String?
    private let timeout: Duration
    private let group: any EventLoopGroup

    /// `timeout`: for one mail.
    package init(
        _ address: MilterFilter.Configuration.Address, password: String?, timeout: Duration = .seconds(60),
        group: any EventLoopGroup
    ) { (self.address, self.password, self.timeout, self.group) = (address, password, timeout, group) }

    package func teach(
        size: Int, isSpam: Bool, octets: @escaping @Sendable (Range<Int>) async throws -> [UInt8]
    ) async -> TeachingOutcome {
        do {
            return try await withThrowingTaskGroup(of: TeachingOutcome.self) { tasks in
                tasks.addTask { try await ask(size: size, isSpam: isSpam, octets) }
                tasks.addTask {
                    try await Task.sleep(for: timeout)
                    return .unavailable("it took too long")
                }
                defer { tasks.cancelAll() }
                return try await tasks.next() ?? .unavailable("it was not asked")
            }
        } catch {
            return .unavailable("\(error)")
        }
    }

    private func ask(
        size: Int, isSpam: Bool, _ octets: @escaping @Sendable (Range<Int>) async throws -> [UInt8]
    ) async throws -> TeachingOutcome {
        let channel = try await connect()
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: head(size: size, isSpam: isSpam)))
            var position = 0
            while position < size {
                let piece = try await octets(position..<min(size, position + Self.piece))
                guard !piece.isEmpty else { return .useless("its content is gone") }
                position += piece.count
                try await outbound.write(ByteBuffer(bytes: piece))
            }
            var answer: [UInt8] = []
            for try await buffer in inbound {
                answer += buffer.readableBytesView.prefix(Self.maximumAnswer - answer.count)
                if let outcome = RspamdAnswer(answer).outcome { return outcome }
                guard answer.count < Self.maximumAnswer else { break }
            }
            return RspamdAnswer(answer, isWhole: true).outcome ?? .unavailable("the answer is no HTTP")
        }
    }

    private static let piece = 65536
    private static let maximumAnswer = 16384

    private func head(size: Int, isSpam: Bool) -> String {
        let secret = password.map { "Password: \($0)\r\n" } ?? ""
        return "POST /\(isSpam ? "learnspam" : "learnham") HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(secret)"
            + "Content-Type: message/rfc822\r\nContent-Length: \(size)\r\n\r\n"
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: group).connectTimeout(TimeAmount(min(timeout, .seconds(10))))
        @Sendable func wrap(_ channel: any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> {
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        return switch address {
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        }
    }
}

/// What the controller answers, as far as it has come.
struct RspamdAnswer {
    /// `nil`: more must come.
    let outcome: TeachingOutcome?

    /// `isWhole`: the connection has ended.
    init(_ octets: [UInt8], isWhole: Bool = false) {
        let text = String(decoding: octets, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else {
            outcome = nil
            return
        }
        let lines = text[..<end.lowerBound].split(separator: "\r\n").map { $0.lowercased() }
        let length = lines.first { $0.hasPrefix("content-length:") }?.split(separator: " ").last.flatMap { Int($0) }
        let body = text[end.upperBound...]
        guard let status = lines.first.flatMap(Self.status) else {
            outcome = .unavailable("the answer is no HTTP")
            return
        }
        guard isWhole || length.map({ body.utf8.count >= $0 }) == true else {
            outcome = nil
            return
        }
        let words = String(body.prefix(200).map { $0.isNewline ? " " : $0 })
        switch status {
        // 208: it has learned that already.
        case 200, 208: outcome = .taught
        // 204 and others: too few words in it, or a condition of the operator's.
        case 201..<300: outcome = .useless("\(status) \(words)")
        // It does not know us, or has too much to do.
        case 401, 403, 408, 429, 500...: outcome = .unavailable("\(status) \(words)")
        default: outcome = .useless("\(status) \(words)")
        }
    }

    private static func status(_ line: String) -> Int? {
        guard line.hasPrefix("http/1.") else { return nil }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
}
