import Desk
import Gateway
import IMAPProtocol
import MailTypes

/// Commands before login and about the session itself (RFC 3501 §6.1, §6.2).
extension IMAPSession {
    /// What can be done now, by name.
    var capabilities: [String] { Capability.names(in: situation) }

    private var situation: Capability.Situation {
        Capability.Situation(
            isSecure: isSecure, isAuthenticated: agent != nil, offersTLS: configuration.offersStartTLS,
            allowsPlaintextLogin: configuration.allowsPlaintextLogin, bindsChannels: channelBindings != nil,
            appendLimit: configuration.messageSize, switchedOff: switchedOff)
    }

    /// Whether the account has a capability. One that is switched off is as unknown as if it had never been invented.
    func has(_ capability: Capability) -> Bool { capability.isAvailable(without: switchedOff) }

    func startTLS(tag: String) {
        guard !isSecure, configuration.offersStartTLS, agent == nil else {
            decoder.startTLSRefused()
            return refuse(tag: tag, .bad(isSecure ? "TLS is on already" : "TLS cannot be had here"))
        }
        decoder.startTLSAccepted()
        writer.status(tag: tag, .ok("Begin TLS now"))
        phase = .startingTLS
    }

    func logIn(user: String, password: Credential, tag: String) async throws {
        guard agent == nil else { throw CommandRefusal.bad("You are logged in already") }
        guard situation.takesPasswords else {
            throw CommandRefusal.no("A password is taken under TLS only", .privacyRequired)
        }
        try await logIn(login: user, password: password.octets, tag: tag)
    }

    func authenticate(_ mechanism: String, _ response: Credential?, tag: String) async throws {
        guard agent == nil else { throw CommandRefusal.bad("You are logged in already") }
        guard let mechanism = SASLMechanism(rawValue: mechanism) else {
            throw CommandRefusal.no("That mechanism is not offered", .cannot)
        }
        guard situation.takesPasswords else {
            throw CommandRefusal.no("A password is taken under TLS only", .privacyRequired)
        }
        guard situation.mechanisms.contains(mechanism) else {
            throw CommandRefusal.no("That mechanism is not offered", .cannot)
        }
        var exchange: (any SASLExchange)?
        if mechanism != .plain {
            exchange = services.authenticator.scram(isBound: mechanism == .scramPlus, bindings: channelBindings)
        }
        guard let response else {
            phase = .authenticating(tag: tag, exchange)
            return writer.continuation(challenge: [])
        }
        if let exchange { return try await respond(response.octets, to: exchange, tag: tag) }
        try await logIn(plain: response, tag: tag)
    }

    /// The next step of a login in several (RFC 5802).
    func respond(_ response: [UInt8], to exchange: any SASLExchange, tag: String) async throws {
        try await flush()
        let step = await withCheckedContinuation { continuation in
            exchange.respond(response) { continuation.resume(returning: $0) }
        }
        switch step {
        case .challenge(let challenge):
            phase = .authenticating(tag: tag, exchange)
            writer.continuation(challenge: challenge)
        case .succeeded(let agent, _): admit(agent, tag: tag)
        case .failed(.malformed, _): loginRefused(tag: tag, .bad("That is no response of this mechanism"))
        case .failed(.foreignIdentity, _):
            loginRefused(tag: tag, .no("Nobody acts for somebody else here", .authorizationFailed))
        case .failed(.refused, _): loginRefused(tag: tag)
        }
    }

    /// SASL PLAIN (RFC 4616): authorization identity, NUL, login, NUL, password.
    func logIn(plain: Credential, tag: String) async throws {
        let parts = plain.octets.split(separator: 0, omittingEmptySubsequences: false)
        guard parts.count == 3, let authorization = String(validating: parts[0], as: UTF8.self),
            let login = String(validating: parts[1], as: UTF8.self), !login.isEmpty
        else { return refuse(tag: tag, .bad("That is no SASL PLAIN response")) }
        guard authorization.isEmpty || foldedName(authorization) == foldedName(login) else {
            writer.status(tag: tag, .no("Nobody acts for somebody else here", .authorizationFailed))
            return
        }
        try await logIn(login: login, password: Array(parts[2]), tag: tag)
    }

    private func logIn(login: String, password: [UInt8], tag: String) async throws {
        // What was written before waits no longer than it must: the check takes its time.
        try await flush()
        let authenticator = services.authenticator
        let found = await withCheckedContinuation { continuation in
            authenticator.authenticate(login: login, password: password) { continuation.resume(returning: $0) }
        }
        guard let found else { return loginRefused(tag: tag) }
        admit(found, tag: tag)
    }

    /// The password was right: who may still not come in?
    private func admit(_ found: AgentID, tag: String) {
        guard services.roster.current.agents[found]?.isActive == true else { return loginRefused(tag: tag) }
        guard services.accounts.admit(found) else {
            writer.status(tag: tag, .no("Too many connections of this account", .limit))
            return bye("Too many connections of this account", .unavailable)
        }
        loggedIn(found)
        writer.status(tag: tag, .ok("Logged in", .capability(capabilities)))
    }

    /// ENABLE (RFC 5161): what is unknown is passed over, and what is enabled already not named again.
    func enable(_ names: [String], tag: String) async throws {
        var enabled: [String] = []
        if names.contains("IMAP4REV2"), has(.imap4rev2), !isRev2 {
            speakRev2()
            enabled.append("IMAP4rev2")
        }
        if names.contains("UTF8=ACCEPT"), has(.utf8Accept), !decoder.refusesCharset {
            decoder.refusesCharset = true
            (decoder.usesUTF8, writer.usesUTF8) = (true, true)
            enabled.append("UTF8=ACCEPT")
        }
        let isQuick = names.contains("QRESYNC") && has(.quickResynchronization)
        if isQuick, !usesVanished {
            usesVanished = true
            enabled.append("QRESYNC")
        }
        // QRESYNC enables CONDSTORE too (RFC 7162 §3.2.3).
        if isQuick || names.contains("CONDSTORE") && has(.condstore), !usesModSequences {
            if names.contains("CONDSTORE") { enabled.append("CONDSTORE") }
            try await modSequencesAreKnown()
        }
        writer.enabled(enabled)
        try await end(tag, .ok("ENABLE completed"))
    }
}
