import Testing

@testable import IMAPProtocol

/// Which capabilities are said, to whom and when: the rows of `Capability.table`.
@Suite struct CapabilityTests {
    @Test func `a password is only asked for where it is safe`() {
        let clear = Capability.names(in: .init(isSecure: false, offersTLS: true))
        #expect(clear.contains("STARTTLS") && clear.contains("LOGINDISABLED") && !clear.contains("AUTH=PLAIN"))
        let trusted = Capability.names(in: .init(isSecure: false, offersTLS: false, allowsPlaintextLogin: true))
        #expect(!trusted.contains("STARTTLS") && !trusted.contains("LOGINDISABLED") && trusted.contains("AUTH=PLAIN"))
        let secured = Capability.names(in: .init(isSecure: true))
        #expect(!secured.contains("STARTTLS") && !secured.contains("LOGINDISABLED") && secured.contains("AUTH=PLAIN"))
    }

    @Test func `after login everything is said once, and nothing of logging in`() {
        let names = Capability.names(in: .init(isSecure: true, isAuthenticated: true))
        #expect(Set(names).count == names.count)
        #expect(names.first == "IMAP4rev1" && names.contains("IDLE"))
        #expect(!names.contains { $0.hasPrefix("AUTH") || $0 == "STARTTLS" || $0 == "LOGINDISABLED" })
    }

    @Test func `before login mailboxes are not spoken of`() {
        let names = Capability.names(in: .init(isSecure: true))
        #expect(!names.contains("IDLE") && !names.contains("MOVE") && names.contains("SASL-IR"))
    }

    @Test func `every capability has one row, and needs only what stands above it`() {
        #expect(Capability.table.count == Capability.allCases.count)
        var above: Set<Capability> = []
        for row in Capability.table {
            #expect(above.isSuperset(of: row.needs), "\(row.capability) stands too high")
            #expect(above.insert(row.capability).inserted, "\(row.capability) stands twice")
        }
    }

    @Test func `what is switched off is not said, nor what needs it`() {
        let names = Capability.names(
            in: .init(isSecure: true, isAuthenticated: true, switchedOff: [.eSearch, .move]))
        #expect(!names.contains("ESEARCH") && !names.contains("SEARCHRES") && !names.contains("MOVE"))
        #expect(names.contains("IDLE"))
        #expect(!Capability.searchResult.isAvailable(without: [.eSearch]))
        #expect(Capability.eSearch.isAvailable(without: [.searchResult]))
    }

    @Test func `what an account needs to get in cannot be switched off`() {
        let fixed = Capability.allCases.filter { !Capability.switchable.contains($0) }
        #expect(
            fixed == [.imap4rev1, .literalPlus, .saslInitialResponse, .startTLS, .authentication, .loginDisabled])
    }
}
