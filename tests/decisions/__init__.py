"""Citizens' reports with truth, to measure how often the pack decides rightly without a person.

dev may be read and tuned on; held_out is only measured. The statements were written without reading the pack's word columns.
"""
