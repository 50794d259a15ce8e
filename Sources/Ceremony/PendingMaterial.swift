import Evidence

/// Material that waits in a key for a rotation, and that somebody has to take out of it again.
package enum PendingMaterial {
    /// How to delete it and nothing else, for the person who does.
    ///
    /// Without the id KMS deletes the current material, and makes the key unusable; with the id, too, once a rotation has
    /// made it current. So they look first
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html).
    ///
    /// - Parameters:
    ///   - material: Its KeyMaterialId.
    ///   - key: The key's ARN.
    package static func removal(of material: String, from key: String) -> String {
        let (list, material, key) = (look(at: key), shellWord(material), shellWord(key))
        return
            "look again, some minutes after the last rotation (\(list); aws kms describe-key --key-id \(key)); while it is PENDING_ROTATION "
            + "there and not the CurrentKeyMaterialId, and only then, delete it by its id: aws kms "
            + "delete-imported-key-material --key-id \(key) --key-material-id \(material)"
    }

    /// How to see a key's materials.
    ///
    /// - Parameter key: The key's ARN.
    package static func look(at key: String) -> String {
        "aws kms list-key-rotations --key-id \(shellWord(key)) --include-key-material ALL_KEY_MATERIAL"
    }
}

extension PendingMaterial {
    /// A name from KMS as one word of a command line, whatever it is.
    private static func shellWord(_ text: String) -> String {
        let text = PercentEncoding.encode(text)
        guard text.wholeMatch(of: /[A-Za-z0-9:_.\/-]+/) == nil else { return text }
        return "'" + text.replacing("'", with: "%27") + "'"
    }
}

extension KMSKey {
    /// What to do about a key that is not enabled, in a ceremony that began when it was.
    var remedy: String {
        switch state {
        case "Disabled": "Find out who disabled it. Once it is enabled again (kms:EnableKey), run again"
        case "PendingDeletion":
            "Find out who had it deleted. Once that is cancelled and it is enabled again (kms:CancelKeyDeletion, "
                + "kms:EnableKey), run again"
        case "PendingImport":
            "Material of it expired or was deleted. Once exactly that is imported again, run again"
        default: "Once it is Enabled, run again"
        }
    }
}
