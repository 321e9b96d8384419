package import MailTypes

/// Whom an agent writes to, as far as the meaning of the mail goes (DESIGN §4).
package struct SentRecipient: Hashable, Sendable {
    /// What the address is to the desk and to the case.
    package enum Role: Hashable, Sendable {
        /// Takes part in the case, or wrote the unconfirmed mail that is answered.
        case participant
        /// Of a participant's firm: the same customer, or the same domain where a domain is a firm's.
        case participantsFirm
        /// Takes part in cases of another customer.
        case otherCustomer
        /// Nobody whom the case knows.
        case stranger
        /// A consulted unit.
        case department
        /// A supervised address, signed or not, or another address of the desk that takes no mail of its own.
        case supervised
        /// `note@` of the desk's domain.
        case note
        /// `desk@` of the desk's domain: commands.
        case commands
        /// A colleague, or the sender.
        case agent(AgentID)
    }

    package var address: EmailAddress
    package var role: Role
    package init(_ address: EmailAddress, _ role: Role) { (self.address, self.role) = (address, role) }

    /// Mail goes there; all others are taken out of header and envelope.
    package var isOutside: Bool {
        switch role {
        case .participant, .participantsFirm, .otherCustomer, .stranger, .department: true
        case .supervised, .note, .commands, .agent: false
        }
    }

    /// Not a customer, and written to with a purpose: supervised addresses and colleagues come along by Reply-All.
    package var isInternalByPurpose: Bool {
        switch role {
        case .department, .note, .commands: true
        case .participant, .participantsFirm, .otherCustomer, .stranger, .supervised, .agent: false
        }
    }
}

extension SentRecipient.Role {
    /// What somebody outside the desk is to a case.
    ///
    /// - Parameters:
    ///   - participants: the addresses that take part in the case.
    ///   - isSameCustomer: the address belongs to the customer of the case.
    ///   - isCustomerElsewhere: the address takes part in some other case.
    package init(
        _ address: EmailAddress, participants: Set<EmailAddress>, isSameCustomer: Bool, isCustomerElsewhere: Bool
    ) {
        let isOfFirm =
            !PublicMailDomains.contains(address.domain) && participants.contains { $0.domain == address.domain }
        if participants.contains(address) {
            self = .participant
        } else if isSameCustomer || isOfFirm {
            self = .participantsFirm
        } else {
            self = isCustomerElsewhere ? .otherCustomer : .stranger
        }
    }
}
