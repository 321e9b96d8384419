/// Where a listener takes connections: a host and port, or a socket that somebody else bound (systemd).
package enum ListenerAddress: Hashable, Sendable, CustomStringConvertible {
    /// `host` is an address or a name, IPv6 without brackets; port 0 lets the kernel choose.
    case tcp(host: String, port: Int)
    /// A listening stream socket that this process inherited; the server owns it from now on.
    case inherited(fileDescriptor: CInt)

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .inherited(let fileDescriptor): "file descriptor \(fileDescriptor)"
        }
    }
}

/// A listener could not be opened: which, and why.
package struct ListenerFailure: Error, CustomStringConvertible {
    package var address: ListenerAddress
    package var cause: any Error

    package init(address: ListenerAddress, cause: any Error) { (self.address, self.cause) = (address, cause) }

    package var description: String { "cannot listen on \(address): \(cause)" }
}
