# For the tests of this folder; everything else is held to all default rules.
@{
    ExcludeRules = @(
        # Pester's blocks assign in one scope what another reads; the analyser cannot see that.
        'PSUseDeclaredVarsMoreThanAssignments'
        'PSReviewUnusedParameter'
        # Functions inside a test are no one's commands.
        'PSUseShouldProcessForStateChangingFunctions'
    )
}
