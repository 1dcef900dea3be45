  # Names of accounts and groups, while an agent has the vault open.
  def "nu-complete twolock names" [context: string] {
    $context | ^twolock completions nushell --offer | complete | get stdout | lines
  }

