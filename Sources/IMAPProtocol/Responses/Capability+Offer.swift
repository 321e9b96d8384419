extension Capability {
    /// A row of the table: a capability, when it is said, whether an account can be without it, what it stands on and
    /// what stands behind its name.
    package struct Row: Sendable {
        package var capability: Capability
        package var offer: Offer
        package var isSwitchable: Bool
        /// Offered only where these are: `CONDSTORE` switched off takes `QRESYNC` with it.
        package var needs: [Capability]
        /// `APPENDLIMIT=1000000`, `AUTH=PLAIN AUTH=…`: one name on the wire per value; `nil` is the bare name.
        package var values: (@Sendable (Situation) -> [String])?

        /// When a row is said.
        package enum Offer: Equatable, Sendable {
            case always
            case beforeLogin(Before)
            case afterLogin
            /// It works and is not announced.
            case never
        }

        /// What must hold before login.
        package enum Before: Equatable, Sendable {
            case always
            /// TLS is not on and can be had.
            case inTheClearWithCertificate
            /// Without TLS, but where a proxy ends TLS itself.
            case whereNoPasswordIsTaken
        }

        /// Whether it can be switched off for an account; what counts before login cannot, nobody is known there yet.
        package enum Switching: Equatable, Sendable { case switchable, fixed }

        init(
            _ capability: Capability, _ offer: Offer, _ switching: Switching = .switchable, needs: [Capability] = [],
            values: (@Sendable (Situation) -> [String])? = nil
        ) {
            (self.capability, self.offer, self.needs, self.values) = (capability, offer, needs, values)
            isSwitchable = switching == .switchable
        }
    }

    /// Where a connection stands, as far as capabilities depend on it.
    package struct Situation: Equatable, Sendable {
        package var isSecure: Bool
        package var isAuthenticated: Bool
        /// A certificate is there: TLS can be had.
        package var offersTLS: Bool
        /// A password is taken in the clear: for tests and for proxies that end TLS themselves.
        package var allowsPlaintextLogin: Bool
        /// TLS is on and a login can be bound to it.
        package var bindsChannels: Bool
        /// Octets of the largest message that APPEND takes.
        package var appendLimit: Int
        /// What the account has switched off.
        package var switchedOff: Set<Capability>

        package init(
            isSecure: Bool, isAuthenticated: Bool = false, offersTLS: Bool = true, allowsPlaintextLogin: Bool = false,
            bindsChannels: Bool = false, appendLimit: Int = 37_748_736, switchedOff: Set<Capability> = []
        ) {
            (self.isSecure, self.isAuthenticated, self.offersTLS) = (isSecure, isAuthenticated, offersTLS)
            (self.allowsPlaintextLogin, self.bindsChannels) = (allowsPlaintextLogin, bindsChannels)
            (self.appendLimit, self.switchedOff) = (appendLimit, switchedOff)
        }

        /// Whether LOGIN and the mechanisms that show the password can be used.
        package var takesPasswords: Bool { isSecure || allowsPlaintextLogin }

        /// The SASL mechanisms, the best first. SCRAM shows no password, but the mail behind it would be in the clear.
        package var mechanisms: [SASLMechanism] {
            SASLMechanism.allCases.filter { takesPasswords && ($0 != .scramPlus || bindsChannels) }
        }
    }

    private static let rows = Dictionary(uniqueKeysWithValues: table.map { ($0.capability, $0) })

    /// The names that an account can be without, for settings.
    package static let switchable: [Capability] = table.filter(\.isSwitchable).map(\.capability)

    /// The list for a situation, as it stands on the wire. Before login only what is of use then, so that clients ask
    /// again after it.
    package static func names(in situation: Situation) -> [String] {
        table.flatMap { row -> [String] in
            guard row.isSaid(in: situation), row.capability.isAvailable(without: situation.switchedOff) else {
                return []
            }
            guard let values = row.values else { return [row.capability.rawValue] }
            return values(situation).map { "\(row.capability.rawValue)=\($0)" }
        }
    }

    /// Whether an account that has some switched off has this one: it and all that it needs are left.
    package func isAvailable(without switchedOff: Set<Capability>) -> Bool {
        guard !switchedOff.isEmpty else { return true }
        guard !switchedOff.contains(self) else { return false }
        return (Self.rows[self]?.needs ?? []).allSatisfy { $0.isAvailable(without: switchedOff) }
    }
}

extension Capability.Row {
    fileprivate func isSaid(in situation: Capability.Situation) -> Bool {
        switch offer {
        case .always: true
        case .afterLogin: situation.isAuthenticated
        case .never: false
        case .beforeLogin(let condition): !situation.isAuthenticated && condition.holds(in: situation)
        }
    }
}

extension Capability.Row.Before {
    fileprivate func holds(in situation: Capability.Situation) -> Bool {
        switch self {
        case .always: true
        case .inTheClearWithCertificate: !situation.isSecure && situation.offersTLS
        case .whereNoPasswordIsTaken: !situation.takesPasswords
        }
    }
}
