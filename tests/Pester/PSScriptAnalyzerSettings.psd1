@{
    # Pester's blocks assign in one scope what another reads; the analyser cannot see that.
    ExcludeRules = @('PSUseDeclaredVarsMoreThanAssignments')
}
