// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/stage/stagepreview.h"

namespace tidemark::stage {

namespace {

constexpr Millis longestPlanning{10 * 60 * 1000};

} // namespace

Result<StagePreview> previewStage(const pg::ConnInfo &server, const StageSpec &spec, std::stop_token stop)
{
    pg::SessionOptions options; // definitions of what depends on the table may take a while
    options.applicationName = QStringLiteral("tidemark planning");
    options.lockTimeout = Millis(5'000);
    options.statementTimeout = longestPlanning;
    TIDEMARK_TRY(pg::Session session, pg::Session::open(server, options, stop));
    const pg::CallOptions call{.deadline = longestPlanning, .stop = stop};
    StagePreview preview;
    auto planned = planStage(session, spec, call);
    if (planned)
        preview.planned = std::move(*planned);
    else if (planned.error().kind == ErrorKind::Input || planned.error().kind == ErrorKind::Unsupported)
        preview.refused = planned.error();
    else
        return fail(planned.error());
    if (spec.shape != ShadowShape::Same) {
        TIDEMARK_TRY(preview.outlooks, compareStrategies(session, spec, call));
    }
    return preview;
}

} // namespace tidemark::stage
