
    # Names of accounts and groups, while an agent has the vault open.
    $upTo = $cursorPosition - $commandAst.Extent.StartOffset
    $line = $commandAst.Extent.Text.PadRight($upTo).Substring(0, $upTo)
    $offered = @($line | & twolock completions powershell --offer 2>$null)
    if ($offered.Count -gt 0) {
        return $offered | ForEach-Object {
            [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_)
        }
    }

