package import Desk
package import MailTypes

/// What is done to customers by hand, within one transaction (FEATURES S43): every change leaves an event.
package struct CustomerWork {
    private let transaction: any DeskTransaction
    private let now: Timestamp
    private let agent: AgentID?

    package init(_ transaction: any DeskTransaction, by agent: AgentID?, now: Timestamp) {
        (self.transaction, self.agent, self.now) = (transaction, agent, now)
    }

    /// Writes what changed; `nil` forgets a value. What cannot be written down is thrown before anything is.
    package func set(_ values: [(field: CustomerField, value: String?)], of id: CustomerID) throws {
        guard var customer = try transaction.customer(id), customer.erasedAt == nil else { throw Self.unknown }
        let old = customer
        let known = try transaction.fields(of: id)
        var own = known
        var addresses: [EmailAddress] = []
        for (field, value) in values {
            guard value.map({ $0.utf8.count <= CustomerField.longestValue }) ?? true else {
                throw CaseRefusal(
                    .impossible, "A value has at most \(CustomerField.longestValue) octets",
                    "Wartość ma najwyżej \(CustomerField.longestValue) bajtów")
            }
            switch field {
            case .name: customer.name = value
            case .firm: customer.firm = value
            case .phone: customer.phone = value
            case .note: customer.note = value
            case .address:
                guard let value, let address = EmailAddress(value) else {
                    throw CaseRefusal(.impossible, "That is no mail address", "To nie jest adres e-mail")
                }
                addresses.append(address)
            case .own(let name): own[own.keys.first { foldedName($0) == foldedName(name) } ?? name] = value
            }
        }
        guard own.count <= max(known.count, CustomerField.ownLimit) else {
            throw CaseRefusal(
                .impossible, "A customer has at most \(CustomerField.ownLimit) fields of your own",
                "Klient ma najwyżej \(CustomerField.ownLimit) własnych pól")
        }
        var changed: [String] = []
        for name in Set(known.keys).union(own.keys).sorted() where own[name] != known[name] {
            try transaction.setField(name, of: id, to: own[name])
            changed.append("\(name) \(own[name] == nil ? "removed" : "changed")")
        }
        for address in addresses where try add(address, to: id) { changed.append("address added") }
        try write(customer, insteadOf: old, changed)
    }

    /// The customer writes from one address more. Who has lost the last one has become part of this customer.
    private func add(_ address: EmailAddress, to customer: CustomerID) throws -> Bool {
        guard let known = try transaction.address(identity: address.identity) else {
            try transaction.insertAddress(address, of: customer)
            return true
        }
        guard known.customer != customer else { return false }
        try transaction.move(known.id, to: customer)
        if try transaction.addresses(of: known.customer).isEmpty { try fold(known.customer, into: customer) }
        return true
    }

    private func write(_ customer: Customer, insteadOf old: Customer, _ others: [String] = []) throws {
        var changed: [String] = []
        for (name, path) in [("name", \Customer.name), ("firm", \.firm), ("phone", \.phone), ("note", \.note)]
        where customer[keyPath: path] != old[keyPath: path] {
            changed.append("\(name) \(customer[keyPath: path] == nil ? "removed" : "changed")")
        }
        if !changed.isEmpty { try transaction.update(customer) }
        for what in changed + others { try record(customer.id, what) }
        guard !changed.isEmpty || !others.isEmpty else { return }
        transaction.note(Change(mailboxes: try transaction.markCards(ofCasesOf: customer.id, at: now)))
    }

    /// Gives a case to a customer, with the address that opened it; `withEarlier`: with all cases that this address opened.
    /// A customer who has no address left has become part of the other one.
    package func attach(_ number: TicketNumber, to customer: CustomerID, withEarlier: Bool) throws {
        guard let ticket = try transaction.ticket(number) else { throw Self.unknownCase }
        guard let target = try transaction.customer(customer), target.erasedAt == nil else { throw Self.unknown }
        let opener = try transaction.opener(of: number)
        try give(ticket, to: customer)
        guard let opener else { return }
        let old = ticket.customer
        try transaction.move(opener, to: customer)
        if withEarlier { try giveEarlier(than: ticket, of: opener, to: customer) }
        if let old, old != customer, try transaction.addresses(of: old).isEmpty { try fold(old, into: customer) }
    }

    /// Takes a case away from its customer: it is of one of its own again. Where other addresses are left with the customer,
    /// the one that opened the case goes too; `withEarlier`: with all its cases. Answers the new customer.
    package func detach(_ number: TicketNumber, withEarlier: Bool) throws -> CustomerID {
        guard let ticket = try transaction.ticket(number) else { throw Self.unknownCase }
        guard let old = ticket.customer, let known = try transaction.customer(old), known.erasedAt == nil else {
            throw CaseRefusal(.impossible, "That case has no customer", "Ta sprawa nie ma klienta")
        }
        let addresses = try transaction.addresses(of: old)
        let opener = try transaction.opener(of: number)
        let address = addresses.first { $0.id == opener }
        let new = try transaction.insertCustomer(name: address?.displayName, at: now)
        try give(ticket, to: new)
        if let address, addresses.count > 1 || withEarlier {
            try transaction.move(address.id, to: new)
            if withEarlier { try giveEarlier(than: ticket, of: address.id, to: new) }
        }
        return new
    }

    /// Two records of one customer become one: addresses and cases go over, and what the other says where this one says
    /// nothing.
    package func join(_ customer: CustomerID, into target: CustomerID) throws {
        guard customer != target else {
            throw CaseRefusal(
                .impossible, "That is the same customer",
                "To ten sam klient")
        }
        guard let old = try transaction.customer(customer), var new = try transaction.customer(target),
            old.erasedAt == nil, new.erasedAt == nil
        else { throw Self.unknown }
        for address in try transaction.addresses(of: customer) { try transaction.move(address.id, to: target) }
        let before = new
        new.name = new.name ?? old.name
        new.firm = new.firm ?? old.firm
        new.phone = new.phone ?? old.phone
        if let note = old.note { new.note = new.note.map { "\($0)\n\(note)" } ?? note }
        let known = try transaction.fields(of: target)
        for (name, value) in try transaction.fields(of: customer) where known[name] == nil {
            try transaction.setField(name, of: target, to: value)
        }
        try write(new, insteadOf: before)
        try fold(customer, into: target)
    }

    // MARK: - Steps

    private func give(_ ticket: Ticket, to customer: CustomerID) throws {
        guard ticket.customer != customer else { return }
        var changed = ticket
        changed.customer = customer
        try transaction.update(changed)
        try transaction.record(
            TicketEvent(
                ticket: ticket.number, at: now, kind: .customerChanged, agent: agent,
                from: ticket.customer?.description,
                to: customer.description))
        // The card shows somebody else now.
        transaction.note(Change(mailboxes: [ticket.mailbox]))
        if let old = ticket.customer { try record(old, "case detached", ticket.number) }
        try record(customer, "case attached", ticket.number)
    }

    private func giveEarlier(than ticket: Ticket, of opener: AddressID, to customer: CustomerID) throws {
        for number in try transaction.tickets(with: opener) where number < ticket.number {
            guard let earlier = try transaction.ticket(number), earlier.customer == ticket.customer,
                try transaction.opener(of: number) == opener
            else { continue }
            try give(earlier, to: customer)
        }
    }

    /// What is left of a customer becomes part of another one.
    private func fold(_ customer: CustomerID, into target: CustomerID) throws {
        for ticket in try transaction.tickets(of: customer) { try give(ticket, to: target) }
        guard var old = try transaction.customer(customer) else { return }
        old.joinedInto = target
        (old.name, old.firm, old.phone, old.note) = (nil, nil, nil, nil)
        try transaction.update(old)
        for name in try transaction.fields(of: customer).keys {
            try transaction.setField(name, of: customer, to: nil)
        }
        try record(customer, "joined into \(target)")
        try record(target, "took in \(customer)")
    }

    private func record(_ customer: CustomerID, _ what: String, _ ticket: TicketNumber? = nil) throws {
        try transaction.record(CustomerEvent(customer: customer, at: now, agent: agent, ticket: ticket, what: what))
    }

    private static let unknown = CaseRefusal(.impossible, "There is no such customer", "Nie ma takiego klienta")
    private static let unknownCase = CaseRefusal(.impossible, "There is no such case", "Nie ma takiej sprawy")
}
