/// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802, RFC 7677): who logs in proves to know the
/// password without showing it, we prove to know its verifier, and with PLUS both prove to be the ends of one TLS
/// connection.
///
///     var scram = SCRAMServer(isBound: false, bindings: bindings, nonce: nonce)
///     scram.received(first)              // .lookUp(login: "user")
///     scram.found(verifier, isReal: true)  // .challenge("r=…,s=…,i=…")
///     scram.received(final)              // .challenge("v=…")
///     scram.received([])                 // .succeeded
///
/// A login that does not exist goes the same way with a decoy and fails where a wrong proof does. A machine that failed
/// stays failed.
package struct SCRAMServer: Sendable {
    /// What to do next.
    package enum Action: Equatable, Sendable {
        /// Find the verifier, then call `found`.
        case lookUp(login: String)
        /// Send it and give `received` the answer.
        case challenge([UInt8])
        /// The client is who it says it is, and knows that we are.
        case succeeded
        case failed(Failure)
    }

    /// Why it was refused. Only `malformed` is told apart to the client from a wrong password, for it says nothing of any
    /// account.
    package enum Failure: Error, Equatable, Sendable {
        case malformed
        /// `m=`: an extension that must be understood.
        case unknownExtension
        /// PLUS without `p=`, or `p=` without PLUS.
        case bindingMismatch
        /// `y`: somebody hid our PLUS from the client (RFC 5802 §6).
        case downgrade
        case unknownBinding
        case foreignIdentity
        case wrongBinding
        case wrongNonce
        case wrongProof
    }

    private enum State: Sendable {
        case awaitingFirst
        case lookingUp(SCRAMClientFirst)
        case awaitingFinal(Dialogue)
        case awaitingAcknowledgement
        case ended(Failure?)
    }

    private struct Dialogue: Sendable {
        var first: SCRAMClientFirst
        var nonce: String
        var challenge: String
        var verifier: SCRAMVerifier
        var isReal: Bool
    }

    private var state = State.awaitingFirst
    private let isBound: Bool
    private let bindings: TLSChannelBindings?
    private let nonce: String

    /// `isBound`: the mechanism is PLUS. `bindings`: what this connection can be bound to, if PLUS was offered. The nonce
    /// is our part of it: printable ASCII without a comma, never the same twice.
    package init(isBound: Bool, bindings: TLSChannelBindings?, nonce: String) {
        precondition(SCRAMAttributes.isNonce(nonce), "a nonce is printable and has no comma")
        (self.isBound, self.bindings, self.nonce) = (isBound, bindings, nonce)
    }

    /// The client's next message.
    package mutating func received(_ message: [UInt8]) -> Action {
        do throws(Failure) {
            switch state {
            case .awaitingFirst: return try receivedFirst(message)
            case .awaitingFinal(let dialogue): return try receivedFinal(message, dialogue)
            case .awaitingAcknowledgement: return try acknowledged(message)
            case .lookingUp: preconditionFailure("a message came before the verifier was found")
            case .ended(let failure): return .failed(failure ?? .malformed)
            }
        } catch {
            state = .ended(error)
            return .failed(error)
        }
    }

    /// The answer to `.lookUp`: the verifier of the login, or a decoy.
    package mutating func found(_ verifier: SCRAMVerifier, isReal: Bool) -> Action {
        guard case .lookingUp(let first) = state else { preconditionFailure("no verifier was looked for") }
        let nonce = first.nonce + nonce
        let challenge = "r=\(nonce),s=\(base64Encoded(verifier.salt)),i=\(verifier.iterations)"
        state = .awaitingFinal(
            Dialogue(first: first, nonce: nonce, challenge: challenge, verifier: verifier, isReal: isReal))
        return .challenge(Array(challenge.utf8))
    }

    private mutating func receivedFirst(_ message: [UInt8]) throws(Failure) -> Action {
        let first = try SCRAMClientFirst(message)
        switch first.binding {
        case .required(let name):
            guard isBound else { throw .bindingMismatch }
            guard bindings?.data(for: name) != nil else { throw .unknownBinding }
        case .unoffered:
            guard !isBound else { throw .bindingMismatch }
            guard bindings == nil else { throw .downgrade }
        case .unsupported:
            guard !isBound else { throw .bindingMismatch }
        }
        // Nobody acts for somebody else.
        if let identity = first.authorizationIdentity, identity != first.login { throw .foreignIdentity }
        state = .lookingUp(first)
        return .lookUp(login: first.login)
    }

    private mutating func receivedFinal(_ message: [UInt8], _ dialogue: Dialogue) throws(Failure) -> Action {
        let final = try SCRAMClientFinal(message)
        var binding = Array(dialogue.first.header.utf8)
        if case .required(let name) = dialogue.first.binding { binding += bindings?.data(for: name) ?? [] }
        guard constantTimeEqual(final.binding, binding) else { throw .wrongBinding }
        guard final.nonce == dialogue.nonce else { throw .wrongNonce }
        let authMessage = Array("\(dialogue.first.bare),\(dialogue.challenge),\(final.withoutProof)".utf8)
        let signature = dialogue.verifier.serverSignature(authMessage: authMessage)
        guard dialogue.verifier.verifies(proof: final.proof, authMessage: authMessage), dialogue.isReal else {
            throw .wrongProof
        }
        state = .awaitingAcknowledgement
        return .challenge(Array("v=\(base64Encoded(signature))".utf8))
    }

    /// IMAP and SMTP have no room for data beside success (RFC 4422 §3.3): the signature is a challenge, and nothing is
    /// the answer to it.
    private mutating func acknowledged(_ message: [UInt8]) throws(Failure) -> Action {
        guard message.isEmpty else { throw .malformed }
        state = .ended(nil)
        return .succeeded
    }
}
