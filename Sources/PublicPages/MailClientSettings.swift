package import MailTypes

/// What mail programs ask for to set an account up by themselves. It is the same for every address that is asked about, so
/// that nobody learns which accounts there are.
package struct MailClientSettings: Sendable {
    /// One service.
    package struct Server: Sendable, Equatable {
        package enum Kind: String, Sendable { case imap, smtp }
        package var kind: Kind
        package var port: Int
        /// TLS from the first octet; else STARTTLS.
        package var isTLSFirst: Bool

        package init(kind: Kind, port: Int, isTLSFirst: Bool) {
            (self.kind, self.port, self.isTLSFirst) = (kind, port, isTLSFirst)
        }
    }

    private let domain: DomainName
    private let host: DomainName
    /// The best of each kind first (RFC 8314 §3).
    private let servers: [Server]

    /// - Parameter domain: of the accounts.
    package init(domain: DomainName, host: DomainName, servers: [Server]) {
        (self.domain, self.host, self.servers) = (domain, host, servers)
    }

    /// The file that Thunderbird and others ask for (Mozilla's autoconfiguration, version 1.1).
    var autoconfiguration: String {
        let parts = servers.map { server in
            let element = server.kind == .imap ? "incomingServer" : "outgoingServer"
            return """
                    <\(element) type="\(server.kind.rawValue)">
                      <hostname>\(host.ascii)</hostname>
                      <port>\(server.port)</port>
                      <socketType>\(server.isTLSFirst ? "SSL" : "STARTTLS")</socketType>
                      <authentication>password-cleartext</authentication>
                      <username>%EMAILADDRESS%</username>
                    </\(element)>

                """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <clientConfig version="1.1">
              <emailProvider id="\(domain.ascii)">
                <domain>\(domain.ascii)</domain>
                <displayName>\(domain.ascii)</displayName>
                <displayShortName>\(domain.ascii)</displayShortName>
            \(parts.joined())  </emailProvider>
            </clientConfig>

            """
    }

    /// The answer to Outlook (MS-OXDSCLI §2.2.4), which takes one of each kind and the address for the login.
    var autodiscovery: String {
        let parts = [Server.Kind.imap, .smtp].compactMap { kind in servers.first { $0.kind == kind } }.map { server in
            """
                  <Protocol>
                    <Type>\(server.kind.rawValue.uppercased())</Type>
                    <Server>\(host.ascii)</Server>
                    <Port>\(server.port)</Port>
                    <DomainRequired>off</DomainRequired>
                    <SPA>off</SPA>
                    <SSL>\(server.isTLSFirst ? "on" : "off")</SSL>
                    <Encryption>\(server.isTLSFirst ? "SSL" : "TLS")</Encryption>
                    <AuthRequired>on</AuthRequired>
                  </Protocol>

            """
        }
        return """
            <?xml version="1.0" encoding="utf-8"?>
            <Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
              <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
                <Account>
                  <AccountType>email</AccountType>
                  <Action>settings</Action>
            \(parts.joined())    </Account>
              </Response>
            </Autodiscover>

            """
    }
}
