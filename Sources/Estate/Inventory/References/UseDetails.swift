package import Evidence

/// What a service tells of a use of a key beside which key that is. What is absent it does not tell of such a use.
///
/// One more of these is one more line here, and where a service's file sets it.
package struct UseDetails: Codable, Hashable, Sendable {
    /// Of S3: whether it has a Bucket Key.
    package var bucketKey: Bool?
    /// Of S3: `aws:kms`, or `aws:kms:dsse`, which encrypts twice. Snapshots before `keyrite.inventory/3` do not tell.
    package var algorithm: OutsideText?
    /// Of an RDS instance: the ARN of the cluster that it is of. Snapshots of `keyrite.inventory/1` do not tell.
    package var cluster: OutsideText?
    /// Of a secret: when it was scheduled for deletion. Snapshots before `keyrite.inventory/3` do not tell.
    package var deleted: Timestamp?
}
