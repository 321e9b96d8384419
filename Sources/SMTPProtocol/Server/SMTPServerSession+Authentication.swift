import MailTypes

/// AUTH (RFC 4954) and the driver's answer about it.
extension SMTPServerSession {
    mutating func authenticate(_ mechanism: String, _ initialResponse: [UInt8]?) -> Action {
        guard clientName != nil else { return .reply(.greetingNeeded) }
        guard !isAuthenticated, case .idle = state else { return .reply(.badSequence) }
        guard allowsLogin else { return .reply(.tlsNeededForLogin) }
        guard let mechanism = Mechanism(rawValue: mechanism), mechanisms.contains(mechanism) else {
            return .reply(.unknownMechanism)
        }
        var dialogue = AuthenticationDialogue(mechanism)
        let step = dialogue.started(initialResponse)
        return perform(step, dialogue)
    }

    mutating func receivedResponse(_ response: [UInt8]) -> Action {
        guard case .authenticating(var dialogue) = state else { preconditionFailure("no response was awaited") }
        let step = dialogue.received(response)
        return perform(step, dialogue)
    }

    private mutating func perform(_ step: AuthenticationDialogue.Step, _ dialogue: AuthenticationDialogue) -> Action {
        switch step {
        case .challenge(let challenge):
            state = .authenticating(dialogue)
            return .reply(Reply(334, nil, challenge))
        case .credentials(let credentials):
            state = .settlingAuthentication(nil)
            return .authenticate(credentials)
        case .exchange(let response):
            state = .settlingAuthentication(dialogue)
            return .exchange(response)
        case .failed(let reply):
            state = .idle
            return .reply(reply)
        }
    }

    /// One answer to `.exchange`: the client is asked for more.
    package mutating func authenticationContinued(_ challenge: [UInt8]) -> Action {
        switch state {
        case .settlingAuthentication(let dialogue?):
            state = .authenticating(dialogue)
            return .reply(Reply(334, nil, Base64.encode(challenge)))
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingGreeting, .verifyingSender, .addressing, .verifyingRecipient, .verifyingContent,
            .receivingContent, .receivingChunk, .betweenChunks, .discardingChunk, .settlingContent, .authenticating,
            .settlingAuthentication, .securing:
            preconditionFailure("no exchange was under way")
        }
    }

    /// The answer to `.authenticate`, and the last one to `.exchange`.
    package mutating func authenticationSettled(_ verdict: AuthenticationVerdict) -> Action {
        switch state {
        case .settlingAuthentication:
            state = .idle
            switch verdict {
            case .accepted:
                isAuthenticated = true
                return .reply(.authenticated)
            case .unavailable: return .reply(.authenticationUnavailable)
            case .refused, .malformed:
                authenticationFailures += 1
                guard authenticationFailures <= configuration.limits.authenticationFailures else {
                    return close(.tooManyAuthenticationFailures)
                }
                return counted(.reply(verdict == .malformed ? .badBase64 : .badCredentials))
            }
        case .closed: return .close(nil)
        case .starting, .idle, .verifyingGreeting, .verifyingSender, .addressing, .verifyingRecipient, .verifyingContent,
            .receivingContent, .receivingChunk, .betweenChunks, .discardingChunk, .settlingContent, .authenticating,
            .securing:
            preconditionFailure("no credentials were to be checked")
        }
    }
}
