import IMAPProtocol
import Logging
import Mailboxes
import NIOCore

/// The task of a connection. It owns the session, carries out what that asks for, and decides nothing itself.
extension IMAPConnection {
    /// Where the session writes.
    private struct Sink: ResponseSink {
        let connection: NIOLoopBound<IMAPConnection>
        func write(_ octets: ByteBuffer) async throws { try await connection.value.write(octets) }
    }

    /// Serves the connection to its end.
    func serve(on eventLoop: any EventLoop) async {
        let signal = WakeSignal(self, eventLoop)
        // Held here only: the session's ways to wake and to write lead back to the connection.
        let session = IMAPSession(
            services: services(eventLoop), configuration: shared.session,
            sink: Sink(connection: NIOLoopBound(self, eventLoop: eventLoop)), isSecure: shared.isTLSFirst,
            channelBindings: channelBindings
        ) { delay in signal.wake(after: delay) }
        do {
            try await session.start()
            while try await step(session, signal) {}
            linger()
        } catch {
            if !(error is ChannelError) { log(.warning, "session failed", error) }
            close()
        }
        session.ended()
        shared.tally.ended()
    }

    private func services(_ eventLoop: any EventLoop) -> SessionServices {
        var services = shared.services
        var logger = shared.logger
        logger[metadataKey: LogKey.imapSession] = "\(name)"
        logger[metadataKey: LogKey.imapPeer] = "\(entry.address)"
        services.authenticator = WatchedAuthenticator(
            base: entry.abuse?.watching(services.authenticator, entry.address, eventLoop, logger)
                ?? services.authenticator, logger: logger)
        return services
    }

    /// Carries out one event; `false`: it was the last.
    private func step(_ session: IMAPSession, _ signal: WakeSignal) async throws -> Bool {
        switch await next(patience(session)) {
        case .octets(let octets):
            let next = try await session.received(octets)
            if session.agent != nil { entry.loggedIn() }
            return perform(next)
        case .woken:
            signal.taken()
            return perform(try await session.woken())
        case .tlsEstablished:
            session.tlsStarted(channelBindings)
            return true
        case .timedOut:
            return try await timedOut(session)
        case .shutdown:
            try await session.close("The server is shutting down", .unavailable)
            return false
        case .ended:
            return false
        }
    }

    private func perform(_ next: IMAPSession.Next) -> Bool {
        switch next {
        case .goOn: break
        case .startTLS: startTLS()
        case .close: return false
        }
        return true
    }

    private func timedOut(_ session: IMAPSession) async throws -> Bool {
        switch patience(session) {
        case .idling:
            try await session.keepAlive()
            return true
        case .command:
            try await session.close("Nothing was heard for too long", nil)
            return false
        case .login:
            try await session.close("No login for too long", nil)
            return false
        }
    }

    private func patience(_ session: IMAPSession) -> Patience {
        if session.agent == nil { return .login }
        return session.isListening ? .idling : .command
    }
}
