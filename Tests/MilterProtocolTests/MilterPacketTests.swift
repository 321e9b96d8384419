import MilterProtocol
import Testing

@Suite struct MilterPacketTests {
    static let lengths: [(octets: [UInt8], length: Int)] = [
        ([0, 0, 0, 0, 0], 0), ([0xFF, 0xFF, 0xFF, 0xFF], 0xFFFF_FFFF), ([0, 0x10, 0, 1], 0x10_0001),
    ]

    @Test(arguments: lengths) func `a packet of no length or too much is none`(octets: [UInt8], length: Int) {
        var reader = MilterPacketReader()
        reader.append(octets)
        #expect(throws: MilterFault.badPacketLength(length)) { try reader.next() }
    }

    @Test func `packets come out whole however their octets arrive`() throws {
        let octets = MilterPacket("c").encoded + MilterPacket("h", Array("X\0y\0".utf8)).encoded
        var reader = MilterPacketReader()
        var found: [MilterPacket] = []
        for octet in octets {
            reader.append([octet])
            while let packet = try reader.next() { found.append(packet) }
        }
        #expect(found == [MilterPacket("c"), MilterPacket("h", Array("X\0y\0".utf8))])
        #expect(reader.waitingOctets == 0)
    }
}
