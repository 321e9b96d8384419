import NIOCore

/// A wire text whole, octet by octet, and cut in two at each place.
func everySplit(of wire: String) -> [[ByteBuffer]] {
    let octets = Array(wire.utf8)
    var splits = [[ByteBuffer(bytes: octets)], octets.map { ByteBuffer(bytes: [$0]) }]
    for cut in octets.indices.dropFirst() {
        splits.append([ByteBuffer(bytes: octets[..<cut]), ByteBuffer(bytes: octets[cut...])])
    }
    return splits
}

/// With control characters made visible, for the descriptions of rows.
func visible(_ wire: String) -> String {
    wire.replacing("\r", with: "\\r").replacing("\n", with: "\\n").replacing("\0", with: "\\0")
}
