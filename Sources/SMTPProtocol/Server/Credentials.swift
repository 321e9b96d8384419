/// What a client proves itself with. It never prints its secret.
package struct Credentials: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The identity to act as (RFC 4616 `authzid`); empty: the login itself.
    package var authorizationIdentity: String
    package var login: String
    package var password: String

    package init(authorizationIdentity: String = "", login: String, password: String) {
        (self.authorizationIdentity, self.login, self.password) = (authorizationIdentity, login, password)
    }

    package var description: String { "Credentials(login: \(login))" }
    package var debugDescription: String { description }
}

extension Credentials: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["login": login]) }
}
