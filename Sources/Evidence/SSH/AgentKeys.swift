/// What an SSH agent is asked, and answers, to tell which keys it holds (draft-ietf-sshm-ssh-agent, 3.5).
package enum AgentKeys {
    /// SSH_AGENTC_REQUEST_IDENTITIES, as it is written to the agent's socket.
    package static let request = SSHWire.string([11])

    /// How long the answer's rest is, by its first four bytes.
    package static func length(_ start: [UInt8]) -> Int? {
        var reader = SSHWireReader(start)
        return (try? reader.uint32()).map(Int.init)
    }

    /// The blobs of the keys' public halves.
    ///
    /// - Parameter answer: SSH_AGENT_IDENTITIES_ANSWER, without its length.
    /// - Returns: nil for anything else.
    package static func blobs(in answer: [UInt8]) -> [[UInt8]]? {
        var reader = SSHWireReader(answer)
        do {
            guard try reader.bytes(1) == [12] else { return nil }
            var blobs: [[UInt8]] = []
            for _ in 0..<(try reader.uint32()) {
                blobs.append(try reader.string())
                // The comment.
                _ = try reader.string()
            }
            try reader.finish()
            return blobs
        } catch {
            return nil
        }
    }
}
