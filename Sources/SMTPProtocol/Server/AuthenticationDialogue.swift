import MailTypes

/// The SASL exchange behind AUTH: PLAIN (RFC 4616) and LOGIN, with or without an initial response (RFC 4954 §4). Of SCRAM
/// it knows the wire only: what the client says goes to the driver, and the driver's challenges to the client.
struct AuthenticationDialogue {
    enum Step: Equatable {
        /// To be sent as 334, base64 already.
        case challenge(String)
        case credentials(Credentials)
        /// For the driver, which answers with a challenge or with the end.
        case exchange(SASLResponse)
        case failed(Reply)
    }

    private enum State {
        case awaitingMessage
        case awaitingLogin
        case awaitingPassword(login: String)
        case relaying(SMTPServerSession.Mechanism, isFirst: Bool)
        case ended
    }

    private var state: State

    init(_ mechanism: SMTPServerSession.Mechanism) {
        state =
            switch mechanism {
            case .plain: .awaitingMessage
            case .login: .awaitingLogin
            case .scram, .scramPlus: .relaying(mechanism, isFirst: true)
            }
    }

    /// AUTH came; `=` stands for an empty initial response.
    mutating func started(_ initialResponse: [UInt8]?) -> Step {
        if let initialResponse { return received(initialResponse == [UInt8(ascii: "=")] ? [] : initialResponse) }
        switch state {
        case .awaitingMessage, .relaying: return .challenge("")
        case .awaitingLogin: return .challenge("VXNlcm5hbWU6")  // "Username:"
        case .awaitingPassword, .ended: preconditionFailure("an exchange starts once")
        }
    }

    /// The client's next line.
    mutating func received(_ response: [UInt8]) -> Step {
        defer {
            switch state {
            case .awaitingPassword, .relaying: break
            case .awaitingMessage, .awaitingLogin, .ended: state = .ended
            }
        }
        guard response != [UInt8(ascii: "*")] else { return failed(.authenticationCancelled) }
        guard let octets = Base64.decode(response) else { return failed(.badBase64) }
        switch state {
        case .awaitingMessage:
            return Self.plain(octets).map(Step.credentials) ?? failed(.badBase64)
        case .awaitingLogin:
            guard let login = Self.text(octets[...]) else { return failed(.badBase64) }
            state = .awaitingPassword(login: login)
            return .challenge("UGFzc3dvcmQ6")  // "Password:"
        case .awaitingPassword(let login):
            state = .ended
            guard let password = Self.text(octets[...]) else { return failed(.badBase64) }
            return .credentials(Credentials(login: login, password: password))
        case .relaying(let mechanism, let isFirst):
            state = .relaying(mechanism, isFirst: false)
            return .exchange(SASLResponse(mechanism: mechanism, isFirst: isFirst, octets: octets))
        case .ended: preconditionFailure("the exchange is over")
        }
    }

    private mutating func failed(_ reply: Reply) -> Step {
        state = .ended
        return .failed(reply)
    }

    /// `[authzid] NUL authcid NUL passwd`
    private static func plain(_ octets: [UInt8]) -> Credentials? {
        let fields = octets.split(separator: 0, maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 3, let authorization = String(validating: fields[0], as: UTF8.self),
            let login = text(fields[1]), let password = text(fields[2])
        else { return nil }
        return Credentials(authorizationIdentity: authorization, login: login, password: password)
    }

    /// Not empty, no NUL, UTF-8.
    private static func text(_ octets: ArraySlice<UInt8>) -> String? {
        octets.isEmpty || octets.contains(0) ? nil : String(validating: octets, as: UTF8.self)
    }
}
