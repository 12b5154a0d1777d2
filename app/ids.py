"""Every component id of the page, and nothing else. No other module spells an id."""

from __future__ import annotations

# stores: what travels between browser and server
BOOT = "boot"
RUN_INFO = "run-info"
VIEW = "view"
SELECTION = "selection"
FOCUS = "focus"
TARGET_REST = "target-rest"
URL = "url"
PROBLEM = "problem"
ECHO_VIEW = "echo-view"
ECHO_RUN = "echo-run"
ECHO_TAB = "echo-tab"
ECHO_THEME = "echo-theme"
ECHO_RESET = "echo-reset"
ECHO_CONCEPTS = "echo-concepts"
ECHO_PROBLEM = "echo-problem"

# header
PROVIDER = "provider"
RUN = "run"
SCORE = "score"
THRESHOLD = "threshold"
THRESHOLD_SAYS = "threshold-says"
THEME = "theme"
RESET = "reset"
SHARE = "share"
DRAWER_TOGGLE = "drawer-toggle"
SIDEBAR_TOGGLE = "sidebar-toggle"
STATS = "stats"

# sidebar
SIDEBAR = "sidebar"
STUDIES = "studies"
STUDY_LIST = "study-list"
SOURCE = "source"
CLASSES = "classes"
COLOUR = "colour"
PAIR_LABEL = "pair-label"
PAIR_PREDICTION = "pair-prediction"
CONFUSION_ROW = "confusion-row"
PROJECTION = "projection"
PROJECTION_STATUS = "projection-status"
POINT_SIZE = "point-size"
POINT_OPACITY = "point-opacity"
NOTES = "notes"

# map
MAP_HOST = "map-host"
MAP_LEGEND = "map-legend"
MAP_TOOLS = "map-tools"
MAP_EMPTY = "map-empty"
SPACE = "space"
SPACE_READY = "space-ready"
SPACE_GRAPH = "space-graph"

# concepts
CONCEPTS = "concepts"
CONCEPT_BASIS = "concept-basis"
CONCEPT_K = "concept-k"
CONCEPT_COLUMNS = "concept-columns"

# inspector
INSPECTOR = "inspector"
INSPECTOR_TAB = "inspector-tab"
CASE_GRID = "case-grid"
SELECTION_SAYS = "selection-says"
CASE = "case"
TOAST = "toast"
PAGE = "page"
MAIN = "main"
